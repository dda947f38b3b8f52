package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.junit.jupiter.api.Test;

/** Time is a number here: {@link Silence} reads no clock. */
@StartsThreads
class SilenceTest {

    private static final MetricName ANSWERS = new MetricName("response-total", "consumer-metrics", "", Map.of());

    private double answers;
    private long now;
    private final Silence silence = silence(500);

    private Silence silence(long fetchMaxWaitMillis) {
        var made = new Silence(fetchMaxWaitMillis);
        made.listenTo(Map.of(ANSWERS, new Answers()), now);
        return made;
    }

    @Test
    void l7_tenSecondsWithoutAnAnswerToAFetchAreTooLong() {
        pass(10);
        assertThat(silence.tooLong(now, true)).isNull();

        pass(1);

        assertThat(silence.tooLong(now, true)).isEqualTo(Duration.ofSeconds(11));
    }

    /** Kafka's brokers ask for a heartbeat every five seconds, and a paused consumer has nothing else to be answered. */
    @Test
    void heartbeatsMayTakeLonger() {
        pass(19);
        assertThat(silence.tooLong(now, false)).isNull();

        pass(2);

        assertThat(silence.tooLong(now, false)).isEqualTo(Duration.ofSeconds(21));
    }

    @Test
    void anyAnswerEndsTheSilence() {
        pass(30);
        answers++;
        silence.look(now);

        assertThat(silence.tooLong(now, true)).isNull();
    }

    @Test
    void fetchThatMayWaitLongerIsGivenTwiceItsTime() {
        var patient = silence(30_000);
        pass(59);
        assertThat(patient.tooLong(now, true)).isNull();

        pass(2);

        assertThat(patient.tooLong(now, true)).isNotNull();
    }

    /** A new client counts its answers from zero. */
    @Test
    void patienceBeginsAnewWithEachClient() {
        pass(30);

        silence.listenTo(Map.of(ANSWERS, new Answers()), now);

        assertThat(silence.tooLong(now, true)).isNull();
    }

    private void pass(long seconds) {
        silence.look(now);
        now += TimeUnit.SECONDS.toNanos(seconds);
        silence.look(now);
    }

    private final class Answers implements Metric {

        @Override
        public MetricName metricName() {
            return ANSWERS;
        }

        @Override
        public Object metricValue() {
            return answers;
        }
    }
}
