package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExitCodeTest {

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return CatalogSync.run(
                new PrintStream(said, true, StandardCharsets.UTF_8),
                new PrintStream(complained, true, StandardCharsets.UTF_8),
                Duration.ofMinutes(1),
                arguments);
    }

    @Test
    void helpIsPrintedAndNothingDone() {
        assertThat(run("--help")).isZero();
        assertThat(said.toString(StandardCharsets.UTF_8)).isEqualTo(Options.HELP);
        assertThat(complained.size()).isZero();
    }

    @Test
    void aWrongOptionEndsWithTwo() {
        assertThat(run("--evens", "7")).isEqualTo(2);
        assertThat(complained.toString(StandardCharsets.UTF_8)).isEqualToNormalizingNewlines("""
                        catalog-sync: unknown option --evens
                        catalog-sync --help explains the options
                        """);
        assertThat(said.size()).isZero();
    }

    @Test
    void aDirectoryGoesOnAsItWasBegun(@TempDir Path directory) throws Exception {
        Run.of(directory, 7, "redis://host:6379");

        assertThat(run("--data", directory.toString())).isEqualTo(2);
        assertThat(complained.toString(StandardCharsets.UTF_8))
                .contains("this --data was begun with --seed 7 and --broker redis://host:6379");
    }

    @Test
    void aDirectoryDoesNotUnmakeChanges(@TempDir Path directory) throws Exception {
        Run.of(directory, 7, "local:");
        try (var catalog = Catalog.open(directory, new ChangeGenerator(7))) {
            for (int number = 1; number <= 100; number++) {
                catalog.change();
            }
        }

        assertThat(run("--data", directory.toString(), "--seed", "7", "--events", "99"))
                .isEqualTo(2);
        assertThat(complained.toString(StandardCharsets.UTF_8)).contains("holds 100 changes");
    }

    @Test
    void aDifferenceEndsWithOneAndIsNamed(@TempDir Path directory) throws Exception {
        String[] arguments = {"--data", directory.toString(), "--events", "100"};
        assertThat(run(arguments))
                .as(complained.toString(StandardCharsets.UTF_8))
                .isZero();
        try (var shop = Shop.open(directory)) {
            shop.transaction(rows -> rows.remove("P-000003"));
        }

        int code = CatalogSync.run(
                new PrintStream(said, true, StandardCharsets.UTF_8),
                new PrintStream(complained, true, StandardCharsets.UTF_8),
                Duration.ofSeconds(1),
                arguments);

        assertThat(code).isEqualTo(1);
        assertThat(said.toString(StandardCharsets.UTF_8))
                .endsWith("in sync: 100 events, 1 missing, 0 extra, 0 stale\n");
        assertThat(complained.toString(StandardCharsets.UTF_8)).endsWith("missing P-000003\n");
    }

    @Test
    void aBrokerThatNeverAnswersEndsWithOneAndTheReason(@TempDir Path directory) {
        int code = CatalogSync.run(
                new PrintStream(said, true, StandardCharsets.UTF_8),
                new PrintStream(complained, true, StandardCharsets.UTF_8),
                Duration.ofSeconds(2),
                "--data",
                directory.toString(),
                "--events",
                "20",
                "--broker",
                "redis://127.0.0.1:1");

        assertThat(code).isEqualTo(1);
        assertThat(complained.toString(StandardCharsets.UTF_8))
                .startsWith("nothing has moved for 2 s:\n")
                .contains("127.0.0.1:1");
        assertThat(said.toString(StandardCharsets.UTF_8)).doesNotContain("in sync");
    }
}
