package dev.syncline.verification.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The holder of a directory is killed a few times, on each broker that there is a relay to. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class TakeoversTest {

    /** S14 says 5 s, of a machine that has nothing else to do. */
    private static final Duration LONGEST_TAKEOVER = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"redis", "kafka"})
    void s14_whoTakesOverTheDirectoryOfOneThatWasKilledShipsAlone(String broker) {
        try (var trials =
                new TakeoverTrials(broker, 1, directory.resolve("data"), UnaryOperator.identity(), line -> {})) {
            var report = trials.run(6);

            System.out.println(broker + ": " + report);
            assertThat(report.faults()).isEmpty();
            assertThat(report.ofStandBy()).allMatch(time -> time.compareTo(LONGEST_TAKEOVER) < 0);
        }
    }
}
