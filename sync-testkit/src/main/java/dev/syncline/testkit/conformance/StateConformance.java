package dev.syncline.testkit.conformance;

import static dev.syncline.testkit.conformance.LogBehaviours.append;
import static dev.syncline.testkit.conformance.LogBehaviours.entries;
import static dev.syncline.testkit.conformance.LogBehaviours.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.PartitionState;
import dev.syncline.spi.StateChange;
import dev.syncline.spi.StateFencedException;
import dev.syncline.spi.StateKey;
import dev.syncline.spi.StateStore;
import dev.syncline.spi.StateStore.StateScope;
import dev.syncline.spi.StateTable;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What every store of shared state does. A store runs it by extending this class; nothing in it may be skipped.
 *
 * <p>Each test has scopes that no other test uses, so a store may hold what others left.
 */
public abstract class StateConformance {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final String group = "group-" + UUID.randomUUID();
    private StateStore store;

    /** Makes the suite; JUnit does. */
    protected StateConformance() {}

    /** The store, which is there and answers. Closed by the suite. */
    protected abstract StateStore open();

    @BeforeEach
    void openStore() {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.forget(group, PATIENCE);
        store.close();
    }

    // --- words

    private StateScope scope() {
        return new StateScope(group, "default", "orders", 1_000_000, Duration.ofDays(1));
    }

    private PartitionState take(int partition) {
        return take(scope(), partition);
    }

    private PartitionState take(StateScope scope, int partition) {
        return get(store.take(scope, partition, "me"));
    }

    private static StateKey key(StateTable table, int number) {
        return new StateKey(
                table,
                Bytes.wrap(ByteBuffer.allocate(16).putLong(-1).putInt(number).array()));
    }

    private static StateChange put(StateTable table, int number, @Nullable String before, String after) {
        return new StateChange(key(table, number), before == null ? null : Bytes.utf8(before), Bytes.utf8(after), null);
    }

    private static @Nullable String read(PartitionState owner, StateTable table, int number) {
        var value = get(owner.read(List.of(key(table, number)))).get(0);
        return value == null ? null : value.asText();
    }

    private static boolean write(PartitionState owner, StateChange... changes) {
        return get(owner.write(List.of(changes)));
    }

    @Test
    void aStoreThatAnswersPassesItsOwnCheck() {
        store.check(PATIENCE);
    }

    @Nested
    class OfEntries {

        @ParameterizedTest
        @EnumSource(StateTable.class)
        void whatOneOwnerWroteTheNextOneReads(StateTable table) {
            var first = take(3);
            assertThat(read(first, table, 1)).isNull();
            assertThat(write(first, put(table, 1, null, "a"))).isTrue();

            var next = take(3);

            assertThat(read(next, table, 1)).isEqualTo("a");
            assertThat(write(next, put(table, 1, "a", "b"))).isTrue();
            assertThat(read(next, table, 1)).isEqualTo("b");
        }

        @Test
        void answersComeInTheOrderOfTheQuestions() {
            var owner = take(0);
            write(owner, put(StateTable.IDS, 1, null, "id"), put(StateTable.GUARD, 1, null, "guard"));

            var found = get(owner.read(List.of(
                    key(StateTable.SEQUENCE, 1),
                    key(StateTable.GUARD, 1),
                    key(StateTable.IDS, 2),
                    key(StateTable.IDS, 1))));

            assertThat(found).containsExactly(null, Bytes.utf8("guard"), null, Bytes.utf8("id"));
        }

        @Test
        void anEmptyValueIsThere() {
            var owner = take(0);
            write(owner, put(StateTable.IDS, 1, null, ""));

            assertThat(read(owner, StateTable.IDS, 1)).isEmpty();
            assertThat(write(owner, put(StateTable.IDS, 1, null, "x"))).isFalse();
            assertThat(write(owner, put(StateTable.IDS, 1, "", "x"))).isTrue();
        }

        @Test
        void whatChangedSinceItWasReadIsNotWrittenNorIsWhatStandsBesideIt() {
            var owner = take(0);
            write(owner, put(StateTable.GUARD, 1, null, "7"));

            assertThat(write(owner, put(StateTable.IDS, 1, null, "new"), put(StateTable.GUARD, 1, "6", "8")))
                    .isFalse();
            assertThat(write(owner, put(StateTable.IDS, 1, null, "new"), put(StateTable.GUARD, 1, null, "8")))
                    .isFalse();
            assertThat(write(owner, put(StateTable.GUARD, 2, "6", "8"))).isFalse();

            assertThat(read(owner, StateTable.GUARD, 1)).isEqualTo("7");
            assertThat(read(owner, StateTable.IDS, 1)).isNull();
            assertThat(read(owner, StateTable.GUARD, 2)).isNull();
        }

        @Test
        void aWriteThatIsMadeAgainChangesNothing() {
            var owner = take(0);
            var change = put(StateTable.SEQUENCE, 1, null, "0:1-1");
            assertThat(write(owner, change)).isTrue();

            assertThat(write(owner, change)).isFalse();
            assertThat(read(owner, StateTable.SEQUENCE, 1)).isEqualTo("0:1-1");
        }

        /** A key may change its partition, and what was known of it must be found there. */
        @Test
        void entriesAreFoundByEveryPartitionOfTheirScopeAndByNoOtherScope() {
            write(take(0), put(StateTable.GUARD, 1, null, "7"));

            assertThat(read(take(1), StateTable.GUARD, 1)).isEqualTo("7");
            var others = List.of(
                    new StateScope(group, "default", "orders.old", 10, Duration.ofDays(1)),
                    new StateScope(group, "second", "orders", 10, Duration.ofDays(1)),
                    new StateScope(group + "-other", "default", "orders", 10, Duration.ofDays(1)));
            for (var other : others) {
                assertThat(read(take(other, 0), StateTable.GUARD, 1))
                        .as("%s", other)
                        .isNull();
            }
            store.forget(group + "-other", PATIENCE);
        }
    }

    @Nested
    class OfFencing {

        @Test
        void s13_whoeverLostThePartitionNeitherReadsNorChangesAnything() {
            var zombie = take(5);
            write(zombie, put(StateTable.GUARD, 1, null, "7"));
            get(zombie.append(entries(1, 3)));
            var owner = take(5);
            var key = key(StateTable.GUARD, 1);

            List<CompletionStage<?>> calls = List.of(
                    zombie.read(List.of(key)),
                    zombie.write(List.of(put(StateTable.GUARD, 1, "7", "8"))),
                    zombie.append(entries(4, 4)),
                    zombie.readLog(0, 10),
                    zombie.dropLog(3));

            for (var call : calls) {
                assertThatThrownBy(() -> get(call)).isInstanceOf(StateFencedException.class);
            }
            assertThat(read(owner, StateTable.GUARD, 1)).isEqualTo("7");
            assertThat(get(owner.readLog(0, 10)).entries()).containsExactlyElementsOf(entries(1, 3));
            assertThat(owner.token()).isNotEqualTo(zombie.token());
        }

        @Test
        void s13_otherPartitionsAndScopesGoOn() {
            var owner = take(5);
            take(6);
            take(new StateScope(group, "default", "invoices", 10, Duration.ofDays(1)), 5);

            assertThat(write(owner, put(StateTable.GUARD, 1, null, "7"))).isTrue();
        }

        @Test
        void aPartitionIsNewOnceAndOnlyOnce() {
            assertThat(take(2).isNew()).isTrue();
            assertThat(take(2).isNew()).isFalse();
            assertThat(take(3).isNew()).isTrue();
        }
    }

    @Nested
    class OfForgetting {

        /** What is forgotten is the oldest; what is remembered too little costs a repeat, too much costs memory. */
        @Test
        void s27_theNewestIdsAreKeptAndTheOldestMakeRoom() {
            int most = 64;
            var owner = take(new StateScope(group, "default", "orders", most, Duration.ofDays(1)), 0);
            for (int i = 0; i < 10 * most; i++) {
                write(owner, put(StateTable.IDS, i, null, "id " + i));
                if (i >= most - 1) {
                    assertThat(read(owner, StateTable.IDS, i - most + 1)).isEqualTo("id " + (i - most + 1));
                }
            }
            int known = 0;
            boolean isOlderKnown = false;
            for (int i = 0; i < 10 * most; i++) {
                boolean isKnown = read(owner, StateTable.IDS, i) != null;
                assertThat(isOlderKnown && !isKnown).as("a gap at %s", i).isFalse();
                isOlderKnown = isKnown;
                known += isKnown ? 1 : 0;
            }
            assertThat(known).isBetween(most, 2 * most);
        }

        @Test
        void s27_idsAreForgottenAfterTheirRetentionAndWrittenAnew() {
            var owner = take(new StateScope(group, "default", "orders", 1_000, Duration.ofMillis(300)), 0);
            write(owner, put(StateTable.IDS, 0, null, "old"), put(StateTable.SEQUENCE, 0, null, "0:1-1"));
            var next = new int[] {1};

            await().atMost(PATIENCE).until(() -> {
                write(owner, put(StateTable.IDS, next[0], null, "id"));
                next[0]++;
                return read(owner, StateTable.IDS, 0) == null;
            });

            assertThat(read(owner, StateTable.IDS, next[0] - 1)).isEqualTo("id");
            assertThat(write(owner, put(StateTable.IDS, 0, null, "new"))).isTrue();
            assertThat(read(owner, StateTable.SEQUENCE, 0))
                    .as("never forgotten")
                    .isEqualTo("0:1-1");
        }

        @Test
        void aVersionGoesAfterItsTimeUnlessItIsWrittenToStay() {
            var owner = take(0);
            var shortly = Duration.ofMillis(50);
            for (int number = 1; number <= 3; number++) {
                var tombstone = new StateChange(key(StateTable.GUARD, number), null, Bytes.utf8("7d"), shortly);
                write(owner, tombstone);
            }
            if (!write(owner, put(StateTable.GUARD, 2, "7d", "8"))) {
                write(owner, put(StateTable.GUARD, 2, null, "8")); // it was slow, and the entry gone
            }

            await().atMost(PATIENCE).until(() -> {
                write(owner, put(StateTable.GUARD, 100, read(owner, StateTable.GUARD, 100), "any"));
                return read(owner, StateTable.GUARD, 1) == null && read(owner, StateTable.GUARD, 3) == null;
            });
            assertThat(read(owner, StateTable.GUARD, 2)).isEqualTo("8");
        }

        @Test
        void aGroupIsForgottenWithAllItHas() {
            var other = new StateScope(group + "-other", "default", "orders", 10, Duration.ofDays(1));
            write(take(other, 0), put(StateTable.GUARD, 1, null, "stays"));
            var owner = take(0);
            for (var table : StateTable.values()) {
                write(owner, put(table, 1, null, "x"));
            }
            get(owner.append(entries(1, 2)));

            store.forget(group, PATIENCE);

            var anew = take(0);
            assertThat(anew.isNew()).isTrue();
            for (var table : StateTable.values()) {
                assertThat(read(anew, table, 1)).isNull();
            }
            assertThat(get(anew.readLog(0, 10)).entries()).isEmpty();
            assertThat(get(anew.readLog(0, 10)).newest()).isZero();
            assertThat(read(take(other, 0), StateTable.GUARD, 1)).isEqualTo("stays");
            store.forget(group + "-other", PATIENCE);
            store.forget("group-that-never-was", PATIENCE);
        }
    }

    @Nested
    class OfTheLog extends LogBehaviours {

        OfTheLog() {
            super(() -> take(4));
        }

        @Test
        void s13_whoeverLostThePartitionDoesNotReadItEither() {
            var zombie = take(5);
            append(zombie, entries(1, 3));
            take(5);

            assertThatThrownBy(() -> get(zombie.readLog(0, 10))).isInstanceOf(StateFencedException.class);
        }

        @Test
        void eachPartitionHasItsOwn() {
            append(take(0), entries(1, 2));

            assertThat(get(take(1).readLog(0, 10)).entries()).isEmpty();
        }
    }
}
