package dev.syncline.runtime.internal.relay;

import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.InMemoryEventLog;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.outbox.OutboxAlarms;
import dev.syncline.runtime.internal.outbox.OutboxSettings;
import dev.syncline.runtime.internal.outbox.Outgoing;
import dev.syncline.runtime.internal.park.Closing;
import dev.syncline.runtime.internal.park.ParkSettings;
import dev.syncline.runtime.internal.park.ParkStore;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/** The real relay duty over a real outbox in memory, in virtual time, with nothing running by itself. */
final class RelayRig implements CursorStore {

    static final StoreId STORE = new StoreId(1, 2);

    final Random random;
    final Map<String, Broker> brokers = new HashMap<>();
    final RelaySettings settings;
    final ArrayDeque<Runnable> closings = new ArrayDeque<>();
    final Map<Destination, List<Message>> published = new HashMap<>();
    Set<String> embedded = Set.of("here");
    InMemoryEventLog log = new InMemoryEventLog(2000);
    Outbox outbox = open(log);
    final Map<String, InMemoryEventLog> parkLogs = new HashMap<>();
    final Map<String, OutgoingParking> parking = new HashMap<>();
    final List<Long> damaged = new ArrayList<>();
    boolean canPark = true;
    final Confirmed confirmed = new Confirmed();
    RelayDuty duty;
    long now = Long.MAX_VALUE - 1_000_000_000L; // wraps around: only differences may be compared
    Cursors cursors = Cursors.NONE;
    Consumer<Cursors> onSave = saved -> {};
    int saves;
    private final Map<String, Integer> counters = new HashMap<>();

    RelayRig(Random random, RelaySettings settings) {
        this.random = random;
        this.settings = settings;
    }

    static Outbox open(InMemoryEventLog log) {
        return open(log, InstantSource.system());
    }

    static Outbox open(InMemoryEventLog log, InstantSource clock) {
        var alarms = new OutboxAlarms() {
            @Override
            public void onDamaged(long index, String why) {
                throw new AssertionError(why);
            }

            @Override
            public void onGap(long expectedN, long foundN, long index) {
                throw new AssertionError("gap " + expectedN + " " + foundN);
            }
        };
        return Outbox.over(log, STORE, OutboxSettings.defaults(), clock, alarms);
    }

    RelayRig broker(String name, Broker broker) {
        brokers.put(name, broker);
        return this;
    }

    RelayRig start() {
        parking.clear();
        if (canPark) {
            brokers.keySet().forEach(name -> parking.put(name, openParking(name)));
        }
        duty = new RelayDuty(
                settings,
                outbox,
                brokers,
                embedded,
                parking,
                this,
                this::closeLater,
                new Random(random.nextLong()),
                () -> {},
                () -> {},
                confirmed,
                now);
        return this;
    }

    private OutgoingParking openParking(String broker) {
        var reader = new EnvelopeReader(InstantSource.system(), 1 << 20);
        var log = parkLogs.computeIfAbsent(broker, none -> new InMemoryEventLog(2000));
        var store = ParkStore.onDisk(log, STORE, ParkSettings.defaults(), (index, why) -> damaged.add(index));
        return new OutgoingParking(broker, store, () -> store, reader, InstantSource.system());
    }

    static ParkStore parkStore(EventLog log) {
        return ParkStore.over(log, STORE, ParkSettings.defaults(), (index, why) -> {
            throw new AssertionError(why);
        });
    }

    /** Whether a message is parked on its way to a broker, over a power failure, too. */
    boolean isParkedForGood(String broker, String topic, String id) {
        var parkLog = parkLogs.get(broker);
        if (parkLog == null) {
            return false;
        }
        var disk = parkLog.afterKill().afterPowerLoss();
        var copy = parkStore(disk);
        for (int shard = 0; shard < Shards.COUNT; shard++) {
            for (var key : copy.keys(shard)) {
                while (key.topic().equals(topic) && !key.isEmpty()) {
                    if (copy.readHead(key).id().equals(id)) {
                        return true;
                    }
                    copy.closeHead(key, Closing.DONE, 0);
                }
            }
        }
        return false;
    }

    /** Hands all dead letters in again. */
    void redriveAll() {
        parking.values()
                .forEach(each -> each.deadLetters(Selection.all(), -1, 1000)
                        .forEach(letter -> each.redrive(Objects.requireNonNull(each.find(letter)), letter.letter())));
    }

    /** The process dies and is started again. */
    void crash() {
        parkLogs.replaceAll((broker, parkLog) -> parkLog.afterPowerLoss());
        closings.clear();
        sims().forEach(SimBroker::crash);
        log = log.afterKill();
        outbox = open(log);
        start();
    }

    /** Publishes the next event of a key. */
    Message publish(String broker, String topic, String key) {
        return publish(broker, topic, key, 10);
    }

    Message publish(String broker, String topic, String key, int bytes) {
        var message = next(broker, topic, key, bytes);
        outbox.append(List.of(new Outgoing(broker, message)));
        return message;
    }

    Message next(String broker, String topic, String key, int bytes) {
        int number = counters.merge(broker + '/' + topic + '/' + key, 1, Integer::sum);
        var message = new Message(
                topic,
                key,
                Map.of(
                        "specversion", "1.0",
                        "source", "shop",
                        "type", "a.b",
                        "id", key + "#" + number,
                        "number", String.valueOf(number)),
                Map.of(),
                Bytes.wrap(new byte[bytes]));
        published
                .computeIfAbsent(new Destination(broker, topic), none -> new ArrayList<>())
                .add(message);
        return message;
    }

    int run() {
        return duty.run(now);
    }

    void advance(Duration time) {
        now += time.toNanos();
    }

    /** Turns, and lets the brokers work, until nothing more happens at this time. */
    void settle() {
        for (int idle = 0; idle < 2; ) {
            runClosings();
            boolean isBusy = run() > 0 || !closings.isEmpty();
            for (var sim : sims()) {
                isBusy |= !sim.isIdle();
                for (int i = 0; i < 1000 && !sim.isIdle(); i++) {
                    sim.step();
                }
            }
            idle = isBusy ? 0 : idle + 1;
        }
    }

    /** {@link #settle} over and over, while so much time goes by in steps. */
    void settleFor(Duration time, Duration step) {
        settle();
        for (var gone = step; gone.compareTo(time) <= 0; gone = gone.plus(step)) {
            advance(step);
            settle();
        }
    }

    private List<SimBroker> sims() {
        return brokers.values().stream()
                .filter(SimBroker.class::isInstance)
                .map(SimBroker.class::cast)
                .toList();
    }

    void runClosings() {
        while (!closings.isEmpty()) {
            closings.remove().run();
        }
    }

    private void closeLater(BrokerProducer producer, Runnable whenClosed) {
        closings.add(() -> {
            producer.close();
            whenClosed.run();
        });
    }

    @Override
    public Cursors load() {
        return cursors;
    }

    @Override
    public void save(Cursors saved) {
        onSave.accept(saved);
        saves++;
        // through the file's format, as in production
        var parsed = CursorFile.parse(CursorFile.format(saved));
        if (!saved.equals(parsed)) {
            throw new AssertionError(saved + " became " + parsed);
        }
        cursors = saved;
    }

    @Override
    public void saveForced(Cursors saved) {
        save(saved);
    }
}
