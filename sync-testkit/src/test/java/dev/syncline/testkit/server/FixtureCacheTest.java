package dev.syncline.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class FixtureCacheTest {

    private static final String PROPERTY = "syncline.test.cache";

    @TempDir
    private Path directory;

    private String before;

    @BeforeEach
    void chooseDirectory() {
        before = System.setProperty(PROPERTY, directory.resolve("cache").toString());
    }

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty(PROPERTY);
        } else {
            System.setProperty(PROPERTY, before);
        }
    }

    @Test
    void contentIsReadAndWrittenOnce() throws IOException {
        AtomicInteger reads = new AtomicInteger();
        for (int i = 0; i < 2; i++) {
            Path kept = FixtureCache.keep(
                    "tool",
                    3,
                    () -> {
                        reads.incrementAndGet();
                        return new byte[] {1, 2, 3};
                    },
                    true);
            assertThat(kept).isEqualTo(directory.resolve("cache").resolve("tool"));
            assertThat(Files.isExecutable(kept)).isTrue();
        }
        assertThat(reads).hasValue(1);
        assertThat(directory.resolve("cache")).isDirectoryNotContaining("glob:**.draft");
    }

    @Test
    void contentOfAnotherSizeIsReplaced() {
        FixtureCache.keep("tool", 1, () -> new byte[] {1}, false);
        Path kept = FixtureCache.keep("tool", 2, () -> new byte[] {1, 2}, false);
        assertThat(kept).hasBinaryContent(new byte[] {1, 2});
    }

    @Test
    void aDirectoryThatCannotBeUsedIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");
        System.setProperty(PROPERTY, file.resolve("cache").toString());
        assertThatThrownBy(FixtureCache::directory)
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("syncline.test.cache")
                .hasMessageContaining(file.toString());
    }

    @Test
    void pruningArchivesLeavesTheJarsOfTheSameProgram() {
        Path jar = FixtureCache.keep("kafka-node.jar", 1, () -> new byte[] {1}, false);
        Path archive = FixtureCache.keep("kafka-1.jsa", 1, () -> new byte[] {1}, false);

        FixtureCache.prune("kafka-", ".jsa", 0);

        assertThat(archive).doesNotExist();
        assertThat(jar).exists();
    }
}
