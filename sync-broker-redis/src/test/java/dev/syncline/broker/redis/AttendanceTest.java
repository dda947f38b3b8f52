package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.GroupView;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Partitions that nobody reads are told from those that another reads; with them, nothing is quiet. */
class AttendanceTest {

    @RealRedis(exclusive = true)
    static RedisServer redis;

    @Nested
    class OfAConsumer {

        private Rig rig;

        @BeforeEach
        void open() {
            rig = Rig.with(redis, 2);
        }

        @AfterEach
        void close() {
            if (redis.isPaused()) {
                redis.resume();
            }
            rig.close();
        }

        private Optional<Set<TopicPartition>> unattended(Reader reader) {
            return ((GroupView) reader.consumer).unattended();
        }

        @Test
        void itIsNotKnownBeforeTheServerAnswered() {
            assertThat(unattended(rig.reader())).isEmpty();
        }

        @Test
        void whoOwnsAllMissesNothing() {
            var reader = rig.reader().untilOwning(2);

            assertThat(unattended(reader)).hasValue(Set.of());
        }

        @Test
        void whatALiveMemberReadsIsAttended() {
            var first = rig.reader().untilOwning(2);
            var second = rig.reader();

            Reader.until(
                    "one each, and both know that",
                    () -> first.owned.size() == 1
                            && second.owned.size() == 1
                            && unattended(first).equals(Optional.of(Set.of()))
                            && unattended(second).equals(Optional.of(Set.of())),
                    first,
                    second);
        }

        /** Its lease runs for a minute, and it is on the list of members. */
        @Test
        void whatADeadMemberHoldsIsNot() {
            var group = Keys.group(rig.partition(0), rig.group);
            var until = String.valueOf(Instant.now().plusSeconds(60).toEpochMilli());
            rig.command("HSET", group, "owner", "dead", "until", until, "lease", "60000", "token", "1");
            rig.command("ZADD", Keys.membersOf(rig.group, rig.topic), until, "dead");

            var reader = rig.reader().untilOwning(1);

            for (int i = 0; i < 20; i++) {
                reader.poll();
                assertThat(unattended(reader)).hasValue(Set.of(rig.partition(0)));
            }
            rig.command("ZREM", Keys.membersOf(rig.group, rig.topic), "dead");
            reader.pollFor(Duration.ofMillis(300));
            assertThat(unattended(reader)).as("its lease goes on").hasValue(Set.of(rig.partition(0)));
            rig.command("HSET", group, "until", "0");
            reader.untilOwning(2);
            assertThat(unattended(reader)).hasValue(Set.of());
        }

        @Test
        void itIsNotKnownWhileTheServerStandsStill() {
            var reader = rig.reader(rig.client("lease.time", "60s", "command.timeout", "30s"))
                    .untilOwning(2);
            redis.pause();

            reader.until("unknown", () -> unattended(reader).isEmpty());

            redis.resume();
            reader.until("known again", () -> unattended(reader).isPresent());
        }
    }

    @Nested
    class OfAnApplication {

        private static final Duration PATIENCE = Duration.ofSeconds(20);

        @TempDir
        Path directory;

        private final AtomicInteger handled = new AtomicInteger();

        @EventType(value = "attendance.light.lit", kind = EventType.Kind.DELTA)
        record Lit(@EventKey String room) {}

        private Sync start(String data) {
            var options = Map.of("topics.create", "true", "topics.partitions", "2", "lease.time", "4s");
            return Sync.builder("attendance")
                    .dataDirectory(directory.resolve(data))
                    .broker("default", redis.uri(), options)
                    .handler("count", Lit.class, (event, delivery) -> {
                        handled.incrementAndGet();
                        return Outcome.done();
                    })
                    .start();
        }

        /** As after a kill: what the dead one held comes back when its lease ends, and until then nothing is quiet. */
        @Test
        void itIsNotQuietWhileADeadMemberHoldsAPartition() {
            redis.command("FLUSHALL");
            var zero = new TopicPartition("attendance.light", 0);
            var one = new TopicPartition("attendance.light", 1);
            var until = String.valueOf(Instant.now().plusSeconds(60).toEpochMilli());
            for (var partition : Set.of(zero, one)) {
                redis.command(
                        "HSET",
                        Keys.group(partition, "attendance.count"),
                        "owner",
                        "dead",
                        "until",
                        until,
                        "lease",
                        "60000");
            }
            redis.command("ZADD", Keys.membersOf("attendance.count", "attendance.light"), until, "dead");
            redis.command("HSET", Keys.group(zero, "attendance.count"), "until", "0");
            try (var sync = start("one")) {
                await().atMost(PATIENCE).until(() -> sync.health().isReady());
                for (int i = 0; i < 20; i++) {
                    sync.publisher().publish(new Lit("room " + i));
                }

                assertThatThrownBy(() -> sync.awaitQuiet(Duration.ofSeconds(3)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("handler count")
                        .hasMessageContaining("held by nobody, or by a member that is not heard of: " + one);
                assertThat(handled).hasValueBetween(1, 19);

                redis.command("HSET", Keys.group(one, "attendance.count"), "until", "0");
                redis.command("ZREM", Keys.membersOf("attendance.count", "attendance.light"), "dead");
                sync.awaitQuiet(PATIENCE);
                assertThat(handled).hasValue(20);
            }
        }
    }
}
