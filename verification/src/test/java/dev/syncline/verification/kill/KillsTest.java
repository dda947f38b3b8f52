package dev.syncline.verification.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.testkit.kill.KillReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Thirty kills, ten on each broker, a few more while the broker is treated badly as well, and a few of groups, without and with
 * that. {@link Kills} does more.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class KillsTest {

    /** L2 says 10 s, of a machine that has nothing else to do. */
    private static final Duration LONGEST_RESTART = Duration.ofSeconds(30);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @ParameterizedTest
    @CsvSource({"local, 1", "kafka, 2", "redis, 2"})
    void s1_s3_s6_s7_s8_s9_l2_l3_anApplicationKilledAgainAndAgainLosesAndReordersNothing(String broker, String seed) {
        var options = Options.parse("--broker", broker, "--kills", "10", "--seed", seed);

        var report = assertWell(options, counting(options));

        assertThat(report.percentAtWork()).isGreaterThanOrEqualTo(80);
        assertThat(report.longestRestart()).isLessThan(LONGEST_RESTART);
    }

    @Test
    void s1_s7_l1_norWhileItsBrokerIsKilledFrozenAndCutOff() {
        var options = Options.parse("--broker", "redis", "--kills", "4", "--seed", "3", "--faults", "yes");
        var counting = counting(options);

        assertWell(options, counting);

        assertThat(counting.brokerFaults()).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({"redis, 2", "kafka, 3"})
    void s1_s3_s6_s7_s8_s9_s13_aGroupThatIsKilledStoppedLeftAndJoinedLosesAndReordersNothing(
            String broker, String members) {
        var options = Options.parse("--broker", broker, "--members", members, "--kills", "6", "--seed", "1");

        var report = new MemberCounting(options, directory, UnaryOperator.identity(), line -> {}).run();

        System.out.println(broker + ": " + report.line());
        assertThat(report.faults())
                .as("%s; journals in %s; again: Kills %s", report.table(), directory, options.again())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"redis, 21", "kafka, 22"})
    void s1_s6_s7_s8_s13_norWhileWhatItsMembersShareIsKilledFrozenAndCutOff(String broker, String seed) {
        var options =
                Options.parse("--broker", broker, "--members", "2", "--kills", "2", "--seed", seed, "--faults", "yes");
        var counting = new MemberCounting(options, directory, UnaryOperator.identity(), line -> {});

        var report = counting.run();

        System.out.println(broker + ": " + report.line() + "; servers: " + counting.serverFaults());
        assertThat(report.faults())
                .as("%s; journals in %s; again: Kills %s", report.table(), directory, options.again())
                .isEmpty();
        assertThat(report.outages()).isPositive();
    }

    private Counting counting(Options options) {
        return new Counting(options, directory, UnaryOperator.identity(), line -> {});
    }

    private KillReport assertWell(Options options, Counting counting) {
        var report = counting.run();
        System.out.println(options.broker() + ": " + report.line()
                + (options.hasFaults() ? "; broker: " + counting.brokerFaults() : ""));
        assertThat(report.faults())
                .as("%s; journals in %s; again: Kills %s", report.table(), directory, options.again())
                .isEmpty();
        return report;
    }
}
