package dev.syncline.testkit.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the redis-server to run: the one that a system property names, or the one for this platform from the class path. */
final class RedisBinary {

    private static final String PROPERTY = "syncline.test.redis";

    private RedisBinary() {}

    static Path locate() {
        @Nullable String chosen = System.getProperty(PROPERTY);
        if (chosen != null && !chosen.isBlank()) {
            Path path = Path.of(chosen).toAbsolutePath();
            if (!Files.isExecutable(path)) {
                throw new ServerException(PROPERTY + " names " + path + ", which is no executable file");
            }
            return path;
        }
        String resource = resource(System.getProperty("os.name"), System.getProperty("os.arch"));
        URL url = RedisBinary.class.getResource("/" + resource);
        if (url == null) {
            throw new ServerException("no redis-server on the class path (" + resource
                    + "); add com.github.codemonstur:embedded-redis:1.4.4 in scope test, without its dependencies, or name a"
                    + " binary with -D" + PROPERTY + "=/usr/bin/redis-server");
        }
        try {
            URLConnection connection = url.openConnection();
            // The shared jar of the class loader is not ours to keep open or to close.
            connection.setUseCaches(false);
            try (InputStream in = connection.getInputStream()) {
                return FixtureCache.keep(resource, connection.getContentLengthLong(), in::readAllBytes, true);
            }
        } catch (IOException e) {
            throw new ServerException("cannot read " + resource + " from the class path", e);
        }
    }

    private static String resource(String osName, String osArch) {
        String system = osName.toLowerCase(Locale.ROOT);
        boolean arm = osArch.equals("aarch64") || osArch.equals("arm64");
        if (system.startsWith("linux")) {
            return arm ? "redis-server-6.2.7-linux-arm64" : "redis-server-6.2.6-v5-linux-amd64";
        }
        if (system.startsWith("mac")) {
            return arm ? "redis-server-6.2.6-v5-darwin-arm64" : "redis-server-6.2.6-v5-darwin-amd64";
        }
        throw new ServerException(
                "no redis-server is known for " + osName + " " + osArch + "; name one with -D" + PROPERTY + "=...");
    }
}
