package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.park.LaneParking;
import dev.syncline.runtime.internal.park.ParkSettings;
import dev.syncline.runtime.internal.park.ParkStore;
import dev.syncline.runtime.internal.relay.OutgoingParking;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The park stores of an instance, one per handler and broker, in {@code park/<handler>/<broker>} of the data directory;
 * and what is wrong with them.
 */
final class ParkStores {

    /** Copied per look of the housekeeping: as much as a slow disk takes in some tens of milliseconds. */
    private static final int COMPACT_BYTES = 4 << 20;

    private static final String OUTGOING = "relay.out";

    private final Storage storage;
    private final StoreId storeId;
    private final ParkSettings settings;
    private final TreeMap<String, ParkStore> stores = new TreeMap<>();
    private final Findings findings;
    private boolean isClosed;

    ParkStores(Storage storage, StoreId storeId, ParkSettings settings, Findings findings) {
        this.storage = storage;
        this.storeId = storeId;
        this.settings = settings;
        this.findings = findings;
    }

    /** The store of a handler on a broker; read now if there is one, made when it is needed if not. */
    LaneParking of(String handler, String broker, EnvelopeReader reader, InstantSource clock) {
        var name = handler + " on " + broker;
        Supplier<ParkStore> opening = () -> open(name, handler, broker);
        return new LaneParking(
                storage.hasParked(handler, broker) ? opening.get() : null, opening, reader, clock, noted -> {});
    }

    /** Where keys wait whose head a broker refuses for good; no handler has a dot in its id. */
    OutgoingParking outgoing(String broker, EnvelopeReader reader, InstantSource clock) {
        Supplier<ParkStore> opening = () -> open("relay on " + broker, OUTGOING, broker);
        var opened = storage.hasParked(OUTGOING, broker) ? opening.get() : null;
        return new OutgoingParking(broker, opened, opening, reader, clock);
    }

    /** Whether anything is parked here of a handler on a broker. */
    boolean isAnyParked(String handler, String broker, EnvelopeReader reader, InstantSource clock) {
        if (!storage.hasParked(handler, broker)) {
            return false;
        }
        var parking = of(handler, broker, reader, clock);
        return parking.isInDoubt() || !parking.parked(shard -> true).isEmpty();
    }

    private ParkStore open(String name, String handler, String broker) {
        synchronized (stores) {
            if (isClosed) {
                throw new OutboxException("the instance is closed, nothing more can be parked for " + name);
            }
            return stores.computeIfAbsent(name, n -> opened(name, storage.parked(handler, broker, settings.log())));
        }
    }

    private ParkStore opened(String name, EventLog log) {
        try {
            return ParkStore.onDisk(log, storeId, settings, new HandlerAlarms(name, findings));
        } catch (RuntimeException | Error failure) {
            log.close();
            throw failure;
        }
    }

    /** Deletes what is parked of a handler that is not at work. */
    void forget(String handler) {
        storage.forgetParked(handler);
    }

    /** Gives space back, a little per call. */
    void compact() {
        opened().values().forEach(store -> store.compact(COMPACT_BYTES));
    }

    /** What is not well, a line each. */
    List<String> problems() {
        var problems = new ArrayList<String>();
        opened().forEach((name, store) -> {
            store.failure().ifPresent(why -> problems.add("parked events of " + name + ": " + why));
            int waiting = store.doubts().size();
            if (waiting > 0) {
                problems.add(waiting + " parked events of " + name + " stand behind an entry that cannot be read; each"
                        + " waits until its partition is assigned or it comes again");
            }
            if (store.isFull()) {
                problems.add("parked events of " + name + " take " + store.liveBytes()
                        + " bytes, more than is allowed: its intake pauses; mend what fails, or give events up");
            }
        });
        return problems;
    }

    private Map<String, ParkStore> opened() {
        synchronized (stores) {
            return new TreeMap<>(stores);
        }
    }

    void close() {
        synchronized (stores) {
            isClosed = true;
            stores.values().forEach(ParkStore::close);
        }
    }
}
