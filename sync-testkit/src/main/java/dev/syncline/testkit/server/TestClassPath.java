package dev.syncline.testkit.server;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/** The class path of the running tests, for JVMs that are to see the same classes. */
final class TestClassPath {

    private TestClassPath() {}

    /** Existing jars and directories, in order. */
    static List<Path> entries() {
        // Surefire starts its JVM with one jar that only names the others, and tells the real class path apart.
        String declared = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ""));
        List<Path> entries = new ArrayList<>();
        StringTokenizer tokens = new StringTokenizer(declared, File.pathSeparator);
        while (tokens.hasMoreTokens()) {
            entries.add(Path.of(tokens.nextToken()).toAbsolutePath());
        }
        if (entries.size() == 1) {
            entries.addAll(namedInManifest(entries.get(0)));
        }
        return entries.stream().filter(Files::exists).distinct().toList();
    }

    /** Development environments shorten long command lines in the same way as Surefire. */
    private static List<Path> namedInManifest(Path jar) {
        if (!Files.isRegularFile(jar)) {
            return List.of();
        }
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            @Nullable
            String names =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            if (names == null) {
                return List.of();
            }
            List<Path> entries = new ArrayList<>();
            StringTokenizer tokens = new StringTokenizer(names);
            while (tokens.hasMoreTokens()) {
                entries.add(Path.of(jar.toUri().resolve(new URI(tokens.nextToken()))));
            }
            return entries;
        } catch (IOException | URISyntaxException e) {
            throw new ServerException("cannot read the class path named in " + jar, e);
        }
    }
}
