package dev.syncline.verification.members;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A few zombies and a short storm on each broker; {@link Zombies} and {@link Storm} do as many as one likes. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class MembersTest {

    private static final int TRIALS = 3;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"redis", "kafka"})
    void s8_s13_whoWakesAfterAnotherTookOverMarksAndAcknowledgesNothing(String broker) {
        try (var trials = new ZombieTrials(broker, 1, directory, UnaryOperator.identity(), line -> {})) {
            var report = trials.run(TRIALS);

            System.out.println(broker + ": " + report);
            assertThat(report.marks()).isZero();
            assertThat(report.positions()).isZero();
            assertThat(report.held().faults()).as("%s", report.held().told()).isEmpty();
            assertThat(report.quick().faults()).as("%s", report.quick().told()).isEmpty();
            assertThat(report.held().zombieAttempts()).isEqualTo(TRIALS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis", "kafka"})
    void l6_aGroupThatChangedAgainAndAgainSettlesAndGoesOn(String broker) {
        try (var storm = new Storm(broker, 1, directory)) {
            var report = storm.run(12, Duration.ofSeconds(12));

            System.out.println(broker + ": " + report);
            assertThat(report.isWell()).as("%s", report).isTrue();
        }
    }
}
