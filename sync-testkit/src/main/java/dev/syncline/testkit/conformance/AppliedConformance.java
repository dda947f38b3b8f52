package dev.syncline.testkit.conformance;

import static dev.syncline.api.EventType.Kind.DELETE;
import static dev.syncline.api.EventType.Kind.DELTA;
import static dev.syncline.api.EventType.Kind.STATE;
import static dev.syncline.runtime.internal.dispatch.Applied.Answer.APPLY;
import static dev.syncline.runtime.internal.dispatch.Applied.Answer.CONFLICT;
import static dev.syncline.runtime.internal.dispatch.Applied.Answer.DUPLICATE;
import static dev.syncline.runtime.internal.dispatch.Applied.Answer.STALE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.dispatch.Applied;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * By which rules an event is applied once, and nothing that came too late: what inbox and guard of a handler say, on the
 * disk of one instance and in the stores that several share.
 *
 * <p>Each test has an id in its keys and sources, so that a store may hold what others left.
 */
public abstract class AppliedConformance {

    protected static final String TOPIC = "orders";
    protected static final int PARTITIONS = 4;

    private static final String OUTBOX = "0123456789abcdef000000000000002a";

    private Applied applied;
    private long position;

    /** Makes the suite; JUnit does. */
    protected AppliedConformance() {}

    /** Inbox and guard that know of nothing, of which all partitions of {@link #TOPIC} are ours. Closed by the subclass. */
    protected abstract Applied open();

    /** As another process of the same handler would open them now, after this one ended. */
    protected abstract Applied reopen();

    @BeforeEach
    void openApplied() {
        applied = open();
    }

    private Answer ask(One event) {
        return applied.ask(event.arrives(), event.kind);
    }

    /** As a lane does it. */
    private Answer apply(One event) {
        var envelope = event.arrives();
        var answer = applied.ask(envelope, event.kind);
        if (answer == APPLY) {
            assertThat(applied.done(envelope, event.kind)).as("noted").isTrue();
        }
        return answer;
    }

    private One foreign(String id) {
        return new One(id);
    }

    private One own(long n) {
        return new One("own-" + n).with("outboxseq", OUTBOX + ":" + n);
    }

    /** The n-th event of an outbox of ours, as it arrives. */
    Envelope arrival(long n) {
        return own(n).arrives();
    }

    private One version(Kind kind, long version) {
        var event = new One("v" + position).kind(kind);
        return version < 0 ? event : event.with("entityversion", Long.toString(version));
    }

    /** An event to come. */
    private final class One {

        private final Map<String, String> attributes = new HashMap<>();
        private String key = "k";
        private int partition;
        private Kind kind = DELTA;
        private @Nullable Bytes data = Bytes.utf8("{}");

        private One(String id) {
            attributes.put("specversion", "1.0");
            attributes.put("id", id);
            attributes.put("source", "shop");
            attributes.put("type", "order.placed");
        }

        One with(String name, String value) {
            attributes.put(name, value);
            return this;
        }

        One key(String text) {
            key = text;
            return this;
        }

        One partition(int number) {
            partition = number;
            return this;
        }

        One kind(Kind what) {
            kind = what;
            return this;
        }

        One data(@Nullable String text) {
            data = text == null ? null : Bytes.utf8(text);
            return this;
        }

        Envelope arrives() {
            var message = new Message(TOPIC, key, attributes, Map.of(), data);
            var received = new Received(
                    new TopicPartition(TOPIC, partition), Position.of(++position), message, Instant.EPOCH, null);
            return new Envelope(
                    received,
                    message,
                    message.attribute("id"),
                    message.attribute("source"),
                    message.attribute("type"),
                    1,
                    key,
                    Shards.of(message),
                    Delivery.Mode.LIVE,
                    Instant.EPOCH,
                    null);
        }
    }

    @Nested
    class OfForeignEvents {

        @Test
        void input45_theSameAgainIsADuplicate() {
            assertThat(ask(foreign("a"))).isEqualTo(APPLY);
            assertThat(ask(foreign("a"))).as("not done yet").isEqualTo(APPLY);
            assertThat(apply(foreign("a"))).isEqualTo(APPLY);

            assertThat(ask(foreign("a"))).isEqualTo(DUPLICATE);
            assertThat(ask(foreign("b"))).isEqualTo(APPLY);
        }

        @Test
        void input46_theSameIdWithOtherContentsIsAConflictAndTheFirstStands() {
            apply(foreign("a"));

            for (var other : List.of(
                    foreign("a").data("{ }"),
                    foreign("a").data(null),
                    foreign("a").data(""),
                    foreign("a").with("type", "order.cancelled"),
                    foreign("a").with("entityversion", "2"),
                    foreign("a").with("origin", "elsewhere"))) {
                assertThat(ask(other)).isEqualTo(CONFLICT);
            }
            assertThat(ask(foreign("a"))).isEqualTo(DUPLICATE);
        }

        @Test
        void whatAProducerMakesAnewAtEachSendingIsNoConflict() {
            apply(foreign("a").with("time", "2026-03-01T00:00:00Z"));

            assertThat(ask(foreign("a")
                            .with("time", "2026-03-01T00:00:01Z")
                            .with("traceparent", "00-1")
                            .partition(3)))
                    .isEqualTo(DUPLICATE);
        }

        @Test
        void input46_aResultRepeatedAfterACrashIsADuplicateWhateverItSays() {
            apply(foreign("a").with("causationid", "c"));

            assertThat(ask(foreign("a").with("causationid", "c").data("7"))).isEqualTo(DUPLICATE);
        }

        @Test
        void input47_theSameIdOfAnotherSourceIsAnotherEvent() {
            apply(foreign("a"));

            assertThat(ask(foreign("a").with("source", "crm"))).isEqualTo(APPLY);
        }

        @Test
        void s6_whatWasDoneIsKnownToTheNextProcess() {
            apply(foreign("a"));
            apply(own(7));
            applied = reopen();

            assertThat(ask(foreign("a"))).isEqualTo(DUPLICATE);
            assertThat(ask(foreign("b"))).isEqualTo(APPLY);
            assertThat(ask(own(7))).isEqualTo(DUPLICATE);
            assertThat(ask(own(8))).isEqualTo(APPLY);
        }
    }

    @Nested
    class OfOurOwnEvents {

        @Test
        void s7_repeatsOfAKeyAreDuplicatesInWhateverRunTheyCome() {
            for (long n : new long[] {4, 5, 4, 5, 9, 5, 9, 12}) {
                var before = ask(own(n));
                assertThat(apply(own(n))).isEqualTo(before);
            }
            for (long n : new long[] {4, 5, 9, 12}) {
                assertThat(ask(own(n))).as("%s", n).isEqualTo(DUPLICATE);
            }
            assertThat(ask(own(13))).isEqualTo(APPLY);
            assertThat(ask(own(3)))
                    .as("below the first of its partition nothing is said")
                    .isEqualTo(APPLY);
        }

        @Test
        void keysAndOutboxesAreApart() {
            apply(own(5));

            assertThat(ask(own(5).key("another"))).isEqualTo(APPLY);
            assertThat(ask(own(3).with("outboxseq", OUTBOX.replace('a', 'b') + ":5")))
                    .isEqualTo(APPLY);
        }

        @Test
        void eventsWithoutAKeyAreKnownOneByOne() {
            apply(own(5).key(""));

            assertThat(ask(own(5).key(""))).isEqualTo(DUPLICATE);
            assertThat(ask(own(4).key(""))).isEqualTo(APPLY);
        }

        @Test
        void input46_aResultPublishedAgainByAnotherOutboxIsADuplicate() {
            apply(own(5).with("causationid", "c"));

            assertThat(ask(foreign("own-5")
                            .with("causationid", "c")
                            .with("outboxseq", OUTBOX.replace('a', 'b') + ":9")))
                    .isEqualTo(DUPLICATE);
        }

        /** A number below the highest that comes by another partition may be new. */
        @Test
        void s27_aKeyThatChangedItsPartitionLosesNothing() {
            apply(own(4).partition(0));
            apply(own(6).partition(1));

            assertThat(ask(own(5).partition(0))).isEqualTo(APPLY);
            assertThat(ask(own(6).partition(0))).as("by whatever partition").isEqualTo(DUPLICATE);
            apply(own(5).partition(0));
            for (long n = 4; n <= 6; n++) {
                assertThat(ask(own(n).partition(n == 6 ? 1 : 0))).as("%s", n).isEqualTo(DUPLICATE);
            }
            assertThat(ask(own(7).partition(1))).isEqualTo(APPLY);
        }

        /**
         * Random histories of keys that change their partition with a backlog, each partition read with repeats: what was
         * not done is never a duplicate.
         */
        @Test
        void s27_noNewEventIsADuplicateWhateverThePartitions() {
            var random = new Random(27);
            for (int round = 0; round < 25; round++) {
                var key = "key-" + round;
                var logs = new HashMap<Integer, List<Long>>();
                int partition = 0;
                for (long n = round * 100L + 1; n <= round * 100L + 12; n++) { // a number is given once
                    if (random.nextInt(4) == 0) {
                        partition = random.nextInt(PARTITIONS);
                    }
                    logs.computeIfAbsent(partition, p -> new ArrayList<>()).add(n);
                }
                var left = new HashMap<Integer, ArrayDeque<Long>>();
                logs.forEach((p, numbers) -> left.put(p, new ArrayDeque<>(numbers)));
                var done = new HashSet<Long>();
                while (!left.isEmpty()) {
                    var open = List.copyOf(left.entrySet());
                    var log = open.get(random.nextInt(open.size()));
                    int from = log.getKey();
                    long n = log.getValue().remove();
                    if (log.getValue().isEmpty()) {
                        left.remove(from);
                    }
                    assertThat(apply(own(n).key(key).partition(from)))
                            .as("%s of %s", n, logs)
                            .isEqualTo(APPLY);
                    done.add(n);
                    for (long before : logs.getOrDefault(from, List.of())) {
                        if (before <= n) {
                            assertThat(ask(own(before).key(key).partition(from)))
                                    .isEqualTo(DUPLICATE);
                        }
                    }
                }
                assertThat(done).hasSize(12);
            }
        }
    }

    @Nested
    class OfVersions {

        @ParameterizedTest(name = "after {0} {1} a {2} {3} is {4}, then a STATE {5} is {6}")
        @CsvSource({
            // what was applied, what comes, and what its mark makes of a state afterwards
            "STATE, 5, STATE, 4, STALE, 5, APPLY",
            "STATE, 5, STATE, 5, APPLY, 4, STALE",
            "STATE, 5, STATE, 6, APPLY, 5, STALE",
            "STATE, 5, DELETE, 4, STALE, 5, APPLY",
            "STATE, 5, DELETE, 5, APPLY, 5, STALE",
            "STATE, 5, DELETE, 6, APPLY, 6, STALE",
            "STATE, 5, DELETE, 6, APPLY, 7, APPLY",
            "STATE, 5, DELTA, 4, APPLY, 4, STALE",
            "STATE, 5, DELTA, 6, APPLY, 5, APPLY",
            "STATE, 5, STATE, -1, APPLY, 4, STALE",
            "STATE, 5, DELETE, -1, APPLY, 5, STALE",
            "STATE, 5, DELETE, -1, APPLY, 6, APPLY",
            "DELETE, 5, STATE, 4, STALE, 5, STALE",
            "DELETE, 5, STATE, 5, STALE, 6, APPLY",
            "DELETE, 5, STATE, 6, APPLY, 6, APPLY",
            "DELETE, 5, DELETE, 4, STALE, 5, STALE",
            "DELETE, 5, DELETE, 5, APPLY, 5, STALE",
            "DELETE, 5, DELTA, 3, APPLY, 5, STALE",
            "DELETE, 5, STATE, -1, APPLY, 5, STALE",
            "STATE, 0, STATE, 0, APPLY, 0, APPLY",
            "STATE, 9223372036854775807, STATE, 9223372036854775806, STALE, 9223372036854775807, APPLY",
            "STATE, -1, STATE, 0, APPLY, 0, APPLY",
            "DELETE, -1, STATE, 0, APPLY, 0, APPLY",
            "DELTA, 7, STATE, 5, APPLY, 5, APPLY",
        })
        void decides(
                Kind before, long versionBefore, Kind kind, long version, Answer expected, long later, Answer then) {
            assertThat(apply(version(before, versionBefore))).isEqualTo(APPLY);
            assertThat(apply(version(kind, version))).isEqualTo(expected);
            assertThat(ask(version(STATE, later))).isEqualTo(then);

            applied = reopen();
            assertThat(ask(version(STATE, later))).as("reopened").isEqualTo(then);
        }

        @Test
        void versionsOfTwoOriginsAreNotCompared() {
            apply(version(STATE, 9).with("origin", "erp"));

            assertThat(apply(version(STATE, 3).with("origin", "crm"))).isEqualTo(APPLY);
            assertThat(ask(version(STATE, 8).with("origin", "erp"))).isEqualTo(STALE);
            assertThat(ask(version(STATE, 2).with("origin", "crm"))).isEqualTo(STALE);
            assertThat(ask(version(STATE, 4).with("origin", "crm"))).isEqualTo(APPLY);
        }

        @Test
        void anOlderVersionIsStaleByWhateverPartitionItComes() {
            apply(version(STATE, 9).partition(1));

            assertThat(ask(version(STATE, 8).partition(2))).isEqualTo(STALE);
            assertThat(ask(version(DELETE, 10).partition(2))).isEqualTo(APPLY);
        }

        @Test
        void keysAreApartAndEventsWithoutAKeyAreNeverStale() {
            apply(version(STATE, 9));

            assertThat(ask(version(STATE, 8).key("another"))).isEqualTo(APPLY);
            apply(version(STATE, 9).key(""));
            assertThat(ask(version(STATE, 8).key(""))).isEqualTo(APPLY);
        }
    }
}
