package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.BrokerException;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A lag is what the server says now, or unknown. Zero would read as: all is done. */
class LagTest {

    @Test
    void answerIsKnownForTwoSecondsSinceItWasAskedFor() {
        var lag = new Lag();
        long asked = Long.MAX_VALUE - 10; // the clock may run over
        assertThat(lag.at(asked)).isEmpty();

        lag.measured(7, asked);

        assertThat(lag.at(asked)).hasValue(7);
        assertThat(lag.at(asked + Lag.KNOWN_FOR.toNanos())).hasValue(7);
        assertThat(lag.at(asked + Lag.KNOWN_FOR.toNanos() + 1)).isEmpty();
        lag.measured(8, asked);
        lag.unknown();
        assertThat(lag.at(asked)).isEmpty();
    }

    @Nested
    class OfAServer {

        @RealRedis(exclusive = true)
        static RedisServer redis;

        private Rig rig;
        private Reader reader;

        @BeforeEach
        void open() {
            rig = Rig.with(redis, 1);
            reader = rig.reader(rig.client("lease.time", "60s", "command.timeout", "30s"));
            rig.send("k", 5);
            reader.take(5);
            reader.acknowledge(reader.last());
            reader.until("a lag of 0", () -> lag().equals(OptionalLong.of(0)));
        }

        @AfterEach
        void close() {
            if (redis.isPaused()) {
                redis.resume();
            }
            rig.close();
        }

        private OptionalLong lag() {
            return reader.consumer.lag(rig.partition(0));
        }

        /** It does not answer, and nothing says that the connection is gone. */
        @Test
        void lagIsUnknownWhileTheServerStandsStill() {
            redis.pause();

            reader.until("unknown", () -> lag().isEmpty());

            redis.resume();
            reader.until("known again", () -> lag().isPresent());
            assertThat(reader.lost).isEmpty();
        }

        @Test
        void lagIsUnknownFromTheMomentThatTheServerIsGone() {
            redis.kill();
            reader.until("noticed", () -> {
                try {
                    reader.consumer.poll(Duration.ZERO, reader.received::add);
                    return false;
                } catch (BrokerException away) {
                    return true;
                }
            });

            assertThat(lag()).isEmpty();
            redis.restart();
            reader.until("known again", () -> lag().isPresent());
        }

        /** How far it is behind what is missing nobody can say. */
        @Test
        void lagIsUnknownWhileDataIsMissing() {
            reader.consumer.pause(Set.of(rig.partition(0)));
            reader.pollFor(Duration.ofMillis(200)); // what was asked before the pause is answered
            rig.send("unread", 5);
            rig.command("XTRIM", rig.stream(), "MAXLEN", "2");
            reader.consumer.resume(Set.of(rig.partition(0)));

            assertThat(reader.refusal()).hasMessageContaining("data is missing");

            assertThat(lag()).isEmpty();
        }
    }
}
