package dev.syncline.runtime.internal.shared;

import dev.syncline.api.BrokerException;
import dev.syncline.api.Delivery;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.inbox.InboxAlarms;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.park.ParkAlarms;
import dev.syncline.runtime.internal.turns.Turns;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A store with one partition, which answers at once what a test wants. */
final class ScriptedStore implements StateStore, PartitionState {

    static final TopicPartition PARTITION = new TopicPartition("topic", 0);

    final Map<StateKey, Bytes> entries = new ConcurrentHashMap<>();
    Runnable afterRead = () -> {};
    volatile boolean isTaken;
    volatile boolean isAway;
    volatile boolean isNew;
    int reads;

    /** The state of a handler in it. Closed by the test. */
    SharedState state(Turns turns) {
        return new SharedState(
                new SharedState.Of("shop", "group", "default", "a test"),
                this,
                InboxSettings.defaults(),
                new Nobody(),
                new Nobody(),
                new EnvelopeReader(InstantSource.system(), 1 << 20),
                InstantSource.system(),
                turns,
                "scripted-store-test");
    }

    /** An event of its partition, each of another producer's id and key. */
    static Envelope event(int number) {
        var key = "key-" + number;
        var message = new Message("topic", key, Map.of("type", "t"), Map.of(), null);
        var received = new Received(PARTITION, Position.of(number), message, Instant.EPOCH, null);
        return new Envelope(
                received, message, "id-" + number, "source", "t", 1, key, 0, Delivery.Mode.LIVE, Instant.EPOCH, null);
    }

    private <T> CompletionStage<T> answer(T answer) {
        if (isAway) {
            return CompletableFuture.failedStage(BrokerException.retryable("the store is away", null));
        }
        return isTaken
                ? CompletableFuture.failedStage(new StateFencedException("another has it"))
                : CompletableFuture.completedStage(answer);
    }

    @Override
    public CompletionStage<List<@Nullable Bytes>> read(List<StateKey> keys) {
        reads++;
        var found = new ArrayList<@Nullable Bytes>();
        keys.forEach(key -> found.add(entries.get(key)));
        CompletionStage<List<@Nullable Bytes>> answer = answer(found);
        afterRead.run();
        return answer;
    }

    @Override
    public CompletionStage<Boolean> write(List<StateChange> changes) {
        if (!isAway && !isTaken) {
            changes.forEach(change -> entries.put(change.key(), change.after()));
        }
        return answer(true);
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
        return isNew;
    }

    @Override
    public CompletionStage<@Nullable Void> append(List<LogEntry> appended) {
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

    private static final class Nobody implements InboxAlarms, ParkAlarms {

        @Override
        public void onDamaged(Path putAside, String why) {}

        @Override
        public void onDamaged(long index, String why) {}

        @Override
        public void onSecondOrigin(String topic, String key, String origin) {}
    }
}
