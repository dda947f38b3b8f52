package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTest {

    @TempDir
    Path directory;

    @Test
    void aDirectoryKeepsTheRunThatItWasBegunWith() throws Exception {
        var run = Run.of(directory, 42, "redis://host:6379");

        assertThat(Run.of(directory, 42, "redis://host:6379")).isEqualTo(run);
    }

    @Test
    void anotherDirectoryIsAnotherRun(@TempDir Path other) throws Exception {
        assertThat(Run.of(other, 42, "local:").id())
                .matches("[a-z0-9-]+")
                .isNotEqualTo(Run.of(directory, 42, "local:").id());
    }

    @Test
    void anotherSeedOrBrokerIsRefused() throws Exception {
        Run.of(directory, 42, "local:");

        assertThatThrownBy(() -> Run.of(directory, 43, "local:"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--seed 42 and --broker local:");
        assertThatThrownBy(() -> Run.of(directory, 42, "redis://host")).isInstanceOf(UsageException.class);
    }
}
