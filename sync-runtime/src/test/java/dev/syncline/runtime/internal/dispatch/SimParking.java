package dev.syncline.runtime.internal.dispatch;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** A park store on a simulated disk: a list of records, of which a crash keeps what was forced and some of the rest. */
final class SimParking implements Parking {

    private final SplittableRandom random;
    private final BooleanSupplier isHealed;
    private List<Entry> log = new ArrayList<>();
    private int forced;

    @Nullable
    Error broken;

    private Map<String, Key> keys = new LinkedHashMap<>();
    private final Set<String> damaged = new HashSet<>();

    SimParking(SplittableRandom random, BooleanSupplier isHealed) {
        this.random = random;
        this.isHealed = isHealed;
    }

    /** What each entry does, so that a restart does it again. */
    private interface Entry {
        void apply(Map<String, Key> keys);
    }

    void crash() {
        int kept = forced + (log.size() == forced ? 0 : random.nextInt(log.size() - forced + 1));
        log = new ArrayList<>(log.subList(0, kept));
        forced = kept;
        keys = new LinkedHashMap<>();
        log.forEach(entry -> entry.apply(keys));
    }

    List<Parked> dead() {
        return keys.values().stream()
                .filter(key -> key.failure.isDead())
                .map(key -> (Parked) key)
                .toList();
    }

    @Override
    public boolean isForced(Envelope event) {
        return true;
    }

    @Override
    public boolean isOf(Parked key, TopicPartition partition) {
        throw new AssertionError("its keys stay");
    }

    @Override
    public String toString() {
        return keys.values().stream()
                .map(key -> key.key + " " + key.events + " " + key.failure)
                .toList()
                .toString();
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    /** Whether the event would be there after a crash now. */
    boolean holds(String id) {
        var durable = new LinkedHashMap<String, Key>();
        log.subList(0, forced).forEach(entry -> entry.apply(durable));
        return durable.values().stream()
                .flatMap(key -> key.events.stream())
                .anyMatch(event -> event.id().equals(id));
    }

    private void mayFail() {
        if (!isHealed.getAsBoolean() && random.nextInt(20) == 0) {
            throw new OutboxException("simulated disk");
        }
    }

    private void write(Entry entry) {
        log.add(entry);
        entry.apply(keys);
    }

    @Override
    public List<Parked> parked(IntPredicate shards) {
        return List.copyOf(keys.values());
    }

    @Override
    public Parked park(Envelope head, Failure failure) {
        mayFail();
        var name = Keys.name(head);
        write(to -> {
            var key = new Key(head.received().partition().topic(), name);
            key.events.add(head);
            key.failure = failure;
            to.put(name, key);
        });
        return keys.get(name);
    }

    @Override
    public void append(Parked key, Envelope event) {
        mayFail();
        write(to -> to.get(key.key()).events.add(event));
    }

    @Override
    public boolean contains(Parked key, Envelope event) {
        return keys.get(key.key()).events.stream().anyMatch(other -> other.id().equals(event.id()));
    }

    @Override
    public boolean isFull() {
        return false;
    }

    @Override
    public void force() {
        if (broken != null) {
            throw broken;
        }
        mayFail();
        forced = log.size();
    }

    @Override
    public @Nullable Envelope head(Parked key) {
        var head = keys.get(key.key()).events.element();
        if (!isHealed.getAsBoolean() && random.nextInt(100) == 0) {
            damaged.add(head.id());
        }
        return damaged.contains(head.id()) ? null : head;
    }

    @Override
    public void lost(Parked key) {
        failed(key, new Failure(keys.get(key.key()).failure.attempts(), "letter.damaged", "", Failure.NEVER));
    }

    /** The dead head of a key that cannot be read any more; null if it can, or is not dead. */
    @Nullable
    Envelope lostHead(Parked key) {
        var parked = keys.get(key.key());
        var head = parked == null ? null : parked.events.element();
        return head != null && damaged.contains(head.id()) && parked.failure.isDead() ? head : null;
    }

    @Override
    public void failed(Parked key, Failure failure) {
        mayFail();
        write(to -> to.get(key.key()).failure = failure);
    }

    @Override
    public boolean close(Parked key, End end) {
        mayFail();
        var id = keys.get(key.key()).events.element().id();
        write(to -> {
            var closed = to.get(key.key());
            if (closed == null || !closed.events.element().id().equals(id)) {
                throw new AssertionError("closes what is not the head");
            }
            closed.events.remove();
            closed.failure = new Failure(0, "", "", 0);
            if (closed.events.isEmpty()) {
                to.remove(key.key());
            }
        });
        if (!keys.containsKey(key.key())) {
            forced = log.size();
        }
        return keys.containsKey(key.key());
    }

    @Override
    public boolean isDeadHead(Parked key, long letter) {
        return keys.get(key.key()).failure.isDead();
    }

    @Override
    public void redrive(Parked key) {
        if (head(key) == null) {
            throw new OutboxException("damaged");
        }
        write(to -> to.get(key.key()).failure = new Failure(0, "", "", 0));
        forced = log.size();
    }

    @Override
    public boolean skip(Parked key, String who, String why) {
        boolean hasAnother = close(key, End.DONE);
        forced = log.size();
        return hasAnother;
    }

    @Override
    public int drop(Parked key, String who, String why) {
        int dropped = keys.get(key.key()).events.size();
        write(to -> to.remove(key.key()));
        forced = log.size();
        return dropped;
    }

    private static final class Key implements Parked {

        private final String topic;
        private final String key;
        private final ArrayDeque<Envelope> events = new ArrayDeque<>();
        private Failure failure = new Failure(0, "", "", 0);

        Key(String topic, String key) {
            this.topic = topic;
            this.key = key;
        }

        @Override
        public String topic() {
            return topic;
        }

        @Override
        public String key() {
            return key;
        }

        @Override
        public String headText() {
            return events.element().toString();
        }

        @Override
        public Failure failure() {
            return failure;
        }

        @Override
        public int size() {
            return events.size();
        }
    }
}
