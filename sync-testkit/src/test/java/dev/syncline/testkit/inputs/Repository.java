package dev.syncline.testkit.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/** The sources that this test belongs to. */
final class Repository {

    private Repository() {}

    /** Its root. */
    static Path root() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("CONTRIBUTING.md"))) {
                return at;
            }
        }
        throw new AssertionError("not run within the repository: " + Path.of("").toAbsolutePath());
    }

    /** Fails if one of the test classes is there no more. */
    static void requireTests(String... tests) {
        for (var test : tests) {
            try (Stream<Path> modules = Files.list(root())) {
                assertThat(modules.filter(Files::isDirectory)).as(test).anyMatch(module -> contains(module, test));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
    }

    private static boolean contains(Path module, String test) {
        var sources = module.resolve("src");
        if (!Files.isDirectory(sources)) {
            return false;
        }
        try (Stream<Path> files = Files.walk(sources)) {
            return files.anyMatch(file -> Objects.toString(file.getFileName()).equals(test + ".java"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
