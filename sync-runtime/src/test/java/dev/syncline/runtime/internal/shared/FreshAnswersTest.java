package dev.syncline.runtime.internal.shared;

import static dev.syncline.runtime.internal.shared.ScriptedStore.PARTITION;
import static dev.syncline.runtime.internal.shared.ScriptedStore.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.ingest.LookedAtTurns;
import dev.syncline.runtime.internal.settle.Fence;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A process that stood still between the store's answer and its attempt. */
class FreshAnswersTest {

    private final AtomicLong nanos = new AtomicLong();
    private final ScriptedStore store = new ScriptedStore();
    private final Fence fence = new Fence();
    private final SharedState state = store.state(new LookedAtTurns(nanos::get));

    @AfterEach
    void close() {
        state.close();
    }

    private void open() {
        state.open(PARTITION, fence, false, () -> {});
        await().until(() -> state.isOpen(PARTITION));
    }

    @Test
    void s13_anAnswerFromBeforeThePauseBeginsNoAttempt() {
        open();
        store.afterRead = () -> {
            nanos.addAndGet(Duration.ofSeconds(30).toNanos());
            store.isTaken = true;
        };

        assertThat(state.ask(event(1), Kind.STATE)).isEqualTo(Answer.GONE);
        assertThat(fence.isFenced()).isTrue();
    }

    /** A store that is slow all the time must not be asked for ever. */
    @Test
    void l3_aSlowAnswerIsAskedForOnceMoreOnly() {
        open();
        store.afterRead = () -> nanos.addAndGet(Duration.ofSeconds(1).toNanos());

        assertThat(state.ask(event(1), Kind.STATE)).isEqualTo(Answer.APPLY);
        assertThat(store.reads).isEqualTo(2);
    }

    @Test
    void aQuickAnswerIsTaken() {
        open();

        assertThat(state.ask(event(1), Kind.STATE)).isEqualTo(Answer.APPLY);
        assertThat(store.reads).isEqualTo(1);
    }
}
