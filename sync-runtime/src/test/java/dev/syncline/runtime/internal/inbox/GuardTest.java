package dev.syncline.runtime.internal.inbox;

import static dev.syncline.api.EventType.Kind.DELETE;
import static dev.syncline.api.EventType.Kind.DELTA;
import static dev.syncline.api.EventType.Kind.STATE;
import static dev.syncline.runtime.internal.inbox.GuardStore.Answer.APPLY;
import static dev.syncline.runtime.internal.inbox.GuardStore.Answer.STALE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.EventType;
import dev.syncline.runtime.internal.keys.Shards;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuardTest {

    @TempDir
    Path data;

    private Stage stage;
    private ShardedGuard guard;

    @BeforeEach
    void open() {
        stage = new Stage(data);
        guard = stage.guard();
    }

    private static EntityChange change(EventType.Kind kind, long version) {
        return change("A-1", kind, version);
    }

    private static EntityChange change(String key, EventType.Kind kind, long version) {
        return change("erp", key, kind, version);
    }

    private static EntityChange change(String origin, String key, EventType.Kind kind, long version) {
        return new EntityChange(Shards.ofKey(key), origin, "catalog.product", key, version, kind);
    }

    /** As a handler's lane does it. */
    private GuardStore.Answer apply(EntityChange change) {
        var answer = guard.check(change);
        if (answer == APPLY) {
            guard.mark(change);
        }
        return answer;
    }

    @ParameterizedTest(name = "after {0} {1} a {2} {3} is {4}, then a STATE {5} is {6}")
    @CsvSource({
        // what was applied, what comes, and what its mark makes of a state afterwards
        "STATE, 5, STATE, 4, STALE, 5, APPLY",
        "STATE, 5, STATE, 5, APPLY, 4, STALE",
        "STATE, 5, STATE, 6, APPLY, 5, STALE",
        "STATE, 5, STATE, 9, APPLY, 8, STALE",
        "STATE, 5, DELETE, 4, STALE, 5, APPLY",
        "STATE, 5, DELETE, 5, APPLY, 5, STALE",
        "STATE, 5, DELETE, 6, APPLY, 6, STALE",
        "STATE, 5, DELETE, 6, APPLY, 7, APPLY",
        "STATE, 5, DELTA, 4, APPLY, 4, STALE",
        "STATE, 5, DELTA, 6, APPLY, 5, APPLY",
        "STATE, 5, STATE, -1, APPLY, 4, STALE",
        "STATE, 5, STATE, -1, APPLY, 5, APPLY",
        "STATE, 5, DELETE, -1, APPLY, 5, STALE",
        "STATE, 5, DELETE, -1, APPLY, 6, APPLY",
        "DELETE, 5, STATE, 4, STALE, 5, STALE",
        "DELETE, 5, STATE, 5, STALE, 6, APPLY",
        "DELETE, 5, STATE, 6, APPLY, 6, APPLY",
        "DELETE, 5, DELETE, 4, STALE, 5, STALE",
        "DELETE, 5, DELETE, 5, APPLY, 5, STALE",
        "DELETE, 5, DELETE, 6, APPLY, 6, STALE",
        "DELETE, 5, DELTA, 3, APPLY, 5, STALE",
        "DELETE, 5, STATE, -1, APPLY, 5, STALE",
        "DELETE, 5, DELETE, -1, APPLY, 5, STALE",
        "STATE, 0, STATE, 0, APPLY, 0, APPLY",
        "STATE, 9223372036854775807, STATE, 9223372036854775806, STALE, 9223372036854775807, APPLY",
        "STATE, -1, STATE, 0, APPLY, 0, APPLY",
        "DELETE, -1, STATE, 0, APPLY, 0, APPLY",
        "DELTA, 7, STATE, 5, APPLY, 5, APPLY",
    })
    void decides(
            EventType.Kind applied,
            long appliedVersion,
            EventType.Kind kind,
            long version,
            GuardStore.Answer expected,
            long laterVersion,
            GuardStore.Answer later) {
        assertThat(apply(change(applied, appliedVersion))).isEqualTo(APPLY);
        assertThat(guard.check(change(kind, version))).isEqualTo(expected);
        assertThat(apply(change(kind, version))).isEqualTo(expected);
        assertThat(guard.check(change(STATE, laterVersion))).isEqualTo(later);

        guard = stage.guard();
        assertThat(guard.check(change(STATE, laterVersion))).as("reopened").isEqualTo(later);
    }

    /** The example of the design: the update waits in the park store, the delete goes another way and is faster. */
    @Test
    void s7_aParkedUpdateNeverBringsBackWhatALaterDeleteRemoved() {
        var parked = change(STATE, 7);
        assertThat(apply(change(STATE, 6))).isEqualTo(APPLY);
        assertThat(guard.check(parked)).isEqualTo(APPLY); // its attempts fail, it is parked

        assertThat(apply(change(DELETE, 8))).isEqualTo(APPLY);
        assertThat(apply(parked)).isEqualTo(STALE);

        guard = stage.guard();
        assertThat(apply(parked)).isEqualTo(STALE);
        assertThat(apply(change(STATE, 9))).as("made anew").isEqualTo(APPLY);
    }

    @Test
    void aMarkThatComesLateOrAgainTakesNothingBack() {
        guard.mark(change(STATE, 8));
        guard.mark(change(DELETE, 9));
        for (var late : List.of(change(STATE, 8), change(STATE, 9), change(DELETE, 9), change(DELETE, 3))) {
            guard.mark(late);
            assertThat(guard.check(change(STATE, 9))).isEqualTo(STALE);
            assertThat(guard.check(change(STATE, 10))).isEqualTo(APPLY);
        }
    }

    @Test
    void neverComparesVersionsOfTwoOriginsAndSaysThatThereAreTwo() {
        apply(change("erp", "A-1", STATE, 50));
        assertThat(stage.alarms).isEmpty();

        assertThat(apply(change("shop", "A-1", STATE, 3))).isEqualTo(APPLY);
        assertThat(apply(change("erp", "A-1", STATE, 49))).isEqualTo(STALE);
        assertThat(apply(change("shop", "A-1", STATE, 2))).isEqualTo(STALE);
        assertThat(apply(change("shop", "A-1", DELETE, 4))).isEqualTo(APPLY);
        assertThat(apply(change("erp", "A-1", STATE, 50))).isEqualTo(APPLY);
        assertThat(stage.alarms).containsExactly("second origin shop of catalog.product A-1");
    }

    @Test
    void aKeyIsScopedByItsTopicAndAnEventWithoutKeyIsNotGuarded() {
        apply(change(STATE, 50));
        var other = new EntityChange(Shards.ofKey("A-1"), "erp", "catalog.price", "A-1", 3, STATE);
        assertThat(guard.check(other)).isEqualTo(APPLY);

        apply(change("", STATE, 9));
        assertThat(apply(change("", STATE, 3))).isEqualTo(APPLY);
    }

    @Test
    void aTombstoneIsForgottenAfterItsRetentionWhenRoomIsWantedAndAStateNever() {
        var use = stage;
        for (int i = 0; i < 20_000; i++) {
            apply(change("gone-" + i, DELETE, 5));
        }
        apply(change("kept", STATE, 5));
        use.pass(Duration.ofDays(29));
        for (int i = 0; i < 20_000; i++) {
            apply(change("young-" + i, STATE, 5));
        }
        assertThat(guard.check(change("gone-7", STATE, 4))).isEqualTo(STALE);

        use.pass(Duration.ofDays(2));
        for (int i = 0; i < 40_000; i++) {
            apply(change("new-" + i, STATE, 5));
        }
        int forgotten = 0;
        for (int i = 0; i < 20_000; i++) {
            forgotten += guard.check(change("gone-" + i, STATE, 4)) == APPLY ? 1 : 0;
            assertThat(guard.check(change("young-" + i, STATE, 4))).isEqualTo(STALE);
        }
        assertThat(forgotten).isGreaterThan(10_000);
        assertThat(guard.check(change("kept", STATE, 4))).isEqualTo(STALE);
    }

    /** Whatever comes, in whatever order: per origin and entity the same as a map that knows it all. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void agreesWithAModel(boolean isOnDisk) {
        guard = isOnDisk ? guard : stage.inMemoryGuard();
        record Known(long version, boolean isDeleted) {}
        var random = new Random(7);
        var model = new HashMap<String, Known>();
        for (int i = 0; i < 60_000; i++) {
            var kind = List.of(STATE, DELTA, DELETE).get(random.nextInt(3));
            var key = "k" + random.nextInt(700);
            var origin = random.nextInt(5) == 0 ? "shop" : "erp";
            var change = change(origin, key, kind, random.nextInt(20) - 1);
            var known = model.get(origin + key);
            boolean isFree = kind == DELTA || change.version() < 0 || known == null;
            boolean isStale = !isFree
                    && (change.version() < known.version
                            || (change.version() == known.version && kind == STATE && known.isDeleted));
            assertThat(guard.check(change)).isEqualTo(isStale ? STALE : APPLY);
            if (!isStale) {
                guard.mark(change);
                if (kind != DELTA && change.version() >= 0) {
                    model.put(origin + key, new Known(change.version(), kind == DELETE));
                } else if (kind == DELETE && known != null) {
                    model.put(origin + key, new Known(known.version, true));
                }
            }
            if (isOnDisk && random.nextInt(10_000) == 0) {
                guard = stage.guard();
            }
        }
    }

    @Test
    void answersListsInTheirOrder() {
        GuardStore store = guard;
        var changes = List.of(change(STATE, 4), change(STATE, 5), change(STATE, 6));
        var answered = new ArrayDeque<Object>();
        store.mark(List.of(changes.get(1)), new GuardStore.Marked() {
            @Override
            public void onMarked(List<EntityChange> marked) {
                answered.add(marked.size());
            }

            @Override
            public void onFailure(List<EntityChange> marked, Exception why) {
                throw new AssertionError(why);
            }
        });
        store.check(changes, new GuardStore.Checked() {
            @Override
            public void onChecked(List<EntityChange> checked, List<GuardStore.Answer> answers) {
                answered.add(new ArrayList<>(answers));
            }

            @Override
            public void onFailure(List<EntityChange> checked, Exception why) {
                throw new AssertionError(why);
            }
        });
        assertThat(answered).containsExactly(1, List.of(STALE, APPLY, APPLY));

        guard.close();
        assertThatThrownBy(() -> guard.check(change(STATE, 9))).isInstanceOf(IllegalStateException.class);
    }
}
