package dev.syncline.verification.redrive;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Redrives by two at once, with live events and kills; {@link Redrives} does as many as one likes. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RedrivesTest {

    /** Draws two lives, at least, that are killed when a redrive was asked for and not begun. */
    private static final long SEED = 12;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @ParameterizedTest
    @CsvSource({"local, 12", "redis, 6", "kafka, 6"})
    void s12_whoIsKilledInRedrivesReordersRepeatsAndForgetsNothing(String broker, int trials) {
        var report = new RedriveTrials(broker, trials, SEED, directory, UnaryOperator.identity(), line -> {}).run();

        System.out.println(broker + ": " + report);
        assertThat(report.faults())
                .as("%s; journals in %s", report.kills().table(), directory)
                .isEmpty();
        assertThat(report.story().livesThatEndedInARedrive()).isGreaterThanOrEqualTo(2);
    }
}
