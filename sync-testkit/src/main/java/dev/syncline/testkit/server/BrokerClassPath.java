package dev.syncline.testkit.server;

import dev.syncline.testkit.server.internal.BrokerLogProvider;
import dev.syncline.testkit.server.internal.KafkaNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.StreamSupport;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What the broker's JVM sees: the libraries of the test class path and a small jar with its main class.
 *
 * <p>Left out are directories and jars that a build has just made, because a class-data archive wants jars that stay as they
 * are, and bindings of slf4j, because a test's logging is not the broker's.
 */
final class BrokerClassPath {

    static final String MAIN_CLASS = KafkaNode.class.getName();

    private static final String[] BINDINGS = {
        "META-INF/services/org.slf4j.spi.SLF4JServiceProvider", "org/slf4j/impl/StaticLoggerBinder.class"
    };

    private BrokerClassPath() {}

    static List<Path> jars() {
        ClassLoader loader = BrokerClassPath.class.getClassLoader();
        if (loader == null || loader.getResource("kafka/Kafka.class") == null) {
            throw new ServerException(
                    "no Kafka broker on the class path; add org.apache.kafka:kafka_2.13 in scope test, of the"
                            + " version of your kafka-clients (for 4.4.0 exclude org.apache.kafka:kafka-tools-api, which was not"
                            + " published)");
        }
        List<Path> jars = new ArrayList<>();
        jars.add(nodeJar());
        for (Path entry : TestClassPath.entries()) {
            if (Files.isRegularFile(entry) && !isBuildOutput(entry) && !isLogBinding(entry)) {
                jars.add(entry);
            }
        }
        return jars;
    }

    private static boolean isBuildOutput(Path jar) {
        return StreamSupport.stream(jar.spliterator(), false)
                .anyMatch(part ->
                        part.toString().equals("target") || part.toString().equals("build"));
    }

    private static boolean isLogBinding(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            for (String binding : BINDINGS) {
                if (file.getEntry(binding) != null) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new ServerException("cannot read " + jar + " of the class path", e);
        }
    }

    /** Named after its content, so that it is the same file in every run. */
    private static Path nodeJar() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream jar = new ZipOutputStream(bytes)) {
            for (String name : List.of(
                    KafkaNode.class.getName(),
                    BrokerLogProvider.class.getName(),
                    BrokerLogProvider.class.getName() + "$BrokerLogger")) {
                String path = name.replace('.', '/') + ".class";
                try (@Nullable
                        InputStream in = BrokerClassPath.class.getClassLoader().getResourceAsStream(path)) {
                    if (in == null) {
                        throw new IOException(path + " is missing");
                    }
                    add(jar, path, in.readAllBytes());
                }
            }
            add(jar, BINDINGS[0], BrokerLogProvider.class.getName().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new ServerException("cannot build the jar for the broker", e);
        }
        byte[] content = bytes.toByteArray();
        CRC32 sum = new CRC32();
        sum.update(content);
        String name = "kafka-node-" + HexFormat.of().toHexDigits((int) sum.getValue()) + ".jar";
        return FixtureCache.keep(name, content.length, () -> content, false);
    }

    private static void add(ZipOutputStream jar, String path, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(path);
        entry.setTime(0);
        jar.putNextEntry(entry);
        jar.write(content);
        jar.closeEntry();
    }
}
