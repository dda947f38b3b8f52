package dev.syncline.runtime.internal.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.Delivery;
import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.inbox.InboxAlarms;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.ingest.LookedAtTurns;
import dev.syncline.runtime.internal.park.ParkAlarms;
import dev.syncline.runtime.internal.settle.Fence;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.PartitionState;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.StateChange;
import dev.syncline.spi.StateFencedException;
import dev.syncline.spi.StateKey;
import dev.syncline.spi.StateStore;
import dev.syncline.spi.TopicPartition;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A process that stood still between the store's answer and its attempt. */
class FreshAnswersTest {

    private static final TopicPartition PARTITION = new TopicPartition("topic", 0);

    private final AtomicLong nanos = new AtomicLong();
    private final Store store = new Store();
    private final Fence fence = new Fence();
    private final SharedState state = new SharedState(
            new SharedState.Of("shop", "group", "default", "a test"),
            store,
            InboxSettings.defaults(),
            new Nobody(),
            new Nobody(),
            new EnvelopeReader(InstantSource.system(), 1 << 20),
            InstantSource.system(),
            new LookedAtTurns(nanos::get),
            "fresh-answers-test");

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

        assertThat(state.ask(event(), Kind.STATE)).isEqualTo(Answer.GONE);
        assertThat(fence.isFenced()).isTrue();
    }

    /** A store that is slow all the time must not be asked for ever. */
    @Test
    void l3_aSlowAnswerIsAskedForOnceMoreOnly() {
        open();
        store.afterRead = () -> nanos.addAndGet(Duration.ofSeconds(1).toNanos());

        assertThat(state.ask(event(), Kind.STATE)).isEqualTo(Answer.APPLY);
        assertThat(store.reads).isEqualTo(2);
    }

    @Test
    void aQuickAnswerIsTaken() {
        open();

        assertThat(state.ask(event(), Kind.STATE)).isEqualTo(Answer.APPLY);
        assertThat(store.reads).isEqualTo(1);
    }

    private static Envelope event() {
        var message = new Message("topic", "key", Map.of("type", "t"), Map.of(), null);
        var received = new Received(PARTITION, Position.of(1), message, Instant.EPOCH, null);
        return new Envelope(
                received, message, "id", "source", "t", 1, "key", 0, Delivery.Mode.LIVE, Instant.EPOCH, null);
    }

    private static final class Nobody implements InboxAlarms, ParkAlarms {

        @Override
        public void onDamaged(Path putAside, String why) {}

        @Override
        public void onDamaged(long index, String why) {}

        @Override
        public void onSecondOrigin(String topic, String key, String origin) {}
    }

    /** Has nothing, and is asked by one thread. */
    private static final class Store implements StateStore, PartitionState {

        Runnable afterRead = () -> {};
        boolean isTaken;
        int reads;

        private <T> CompletionStage<T> answer(T answer) {
            return isTaken
                    ? CompletableFuture.failedStage(new StateFencedException("another has it"))
                    : CompletableFuture.completedStage(answer);
        }

        @Override
        public CompletionStage<List<@Nullable Bytes>> read(List<StateKey> keys) {
            reads++;
            List<@Nullable Bytes> nothing = Collections.nCopies(keys.size(), null);
            var answer = answer(nothing);
            afterRead.run();
            return answer;
        }

        @Override
        public CompletionStage<PartitionState> take(StateScope scope, int partition, String member) {
            return answer(this);
        }

        @Override
        public String token() {
            return "1";
        }

        @Override
        public int maxEntryBytes() {
            return 1 << 20;
        }

        @Override
        public boolean isNew() {
            return true;
        }

        @Override
        public CompletionStage<Boolean> write(List<StateChange> changes) {
            return answer(true);
        }

        @Override
        public CompletionStage<@Nullable Void> append(List<LogEntry> entries) {
            return answer(null);
        }

        @Override
        public CompletionStage<LogPage> readLog(long from, int most) {
            return answer(new LogPage(List.of(), 0));
        }

        @Override
        public CompletionStage<@Nullable Void> dropLog(long before) {
            return answer(null);
        }

        @Override
        public void check(Duration atMost) {}

        @Override
        public void forget(String group, Duration atMost) {}

        @Override
        public void close() {}
    }
}
