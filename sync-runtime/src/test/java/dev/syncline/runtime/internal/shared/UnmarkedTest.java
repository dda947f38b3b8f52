package dev.syncline.runtime.internal.shared;

import static dev.syncline.runtime.internal.shared.ScriptedStore.PARTITION;
import static dev.syncline.runtime.internal.shared.ScriptedStore.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.runtime.internal.turns.Turns;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store that was away when an effect took place, and a partition that was lost before it came back. */
class UnmarkedTest {

    private final ScriptedStore store = new ScriptedStore();
    private final SharedState state = store.state(Turns.threads());
    private Fence fence = new Fence();

    @BeforeEach
    void open() {
        fence = new Fence();
        state.open(PARTITION, fence, false, () -> {});
        await().until(() -> state.isOpen(PARTITION));
    }

    @AfterEach
    void close() {
        state.close();
    }

    /** Applied; not marked, since neither store nor partition are there any more. */
    private void applyUnmarked(int number) {
        assertThat(state.ask(event(number), Kind.STATE)).isEqualTo(Answer.APPLY);
        assertThat(fence.begin()).isTrue();
        store.isAway = true;
        fence.fence();
        state.close(List.of(PARTITION));
        assertThat(state.done(event(number), Kind.STATE)).isFalse();
        fence.end();
        store.isAway = false;
    }

    @Test
    void s6_anEffectThatTookPlaceWhileTheStoreWasAwayIsNotRepeatedHere() {
        applyUnmarked(1);
        assertThat(store.entries).isEmpty();

        open();

        assertThat(state.ask(event(1), Kind.STATE)).isEqualTo(Answer.DUPLICATE);
        assertThat(store.entries).as("marked now").isNotEmpty();
        assertThat(state.duplicates()).isEqualTo(1);
        assertThat(state.ask(event(2), Kind.STATE)).isEqualTo(Answer.APPLY);
    }

    @Test
    void s6_itIsKnownUntilTheStoreKnowsIt() {
        applyUnmarked(1);
        open();
        store.afterRead = () -> {
            store.isAway = true; // between the question and the mark
            fence.fence();
        };
        assertThat(state.ask(event(1), Kind.STATE)).isEqualTo(Answer.GONE);
        store.afterRead = () -> {};
        store.isAway = false;
        state.close(List.of(PARTITION));

        open();

        assertThat(state.ask(event(1), Kind.STATE)).isEqualTo(Answer.DUPLICATE);
    }

    /** Somebody wants everything handled anew. */
    @Test
    void s1_whatTheStoreWasMadeToForgetIsForgottenHereToo() {
        applyUnmarked(1);
        store.isNew = true;

        open();

        assertThat(state.ask(event(1), Kind.STATE)).isEqualTo(Answer.APPLY);
    }

    @Test
    void s24_onlyTheNewestAreKnown() {
        var unmarked = new Unmarked();
        for (int i = 0; i < 10_000; i++) {
            unmarked.add(entries(i).identity());
        }

        assertThat(unmarked.contains(entries(9_999))).isTrue();
        assertThat(unmarked.contains(entries(10_000 - 4096))).isTrue();
        assertThat(unmarked.contains(entries(10_000 - 4097))).isFalse();
    }

    private static AppliedEntries entries(int number) {
        return new AppliedEntries(event(number), Kind.STATE, InboxSettings.defaults());
    }
}
