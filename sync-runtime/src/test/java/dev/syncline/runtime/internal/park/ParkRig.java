package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.InMemoryEventLog;
import dev.syncline.runtime.internal.log.StoreId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A park store on a disk in memory, which a test may crash. */
final class ParkRig {

    static final StoreId STORE = new StoreId(1, 2);
    static final long NOW = Events.SEEN.toEpochMilli();

    final List<Long> alarms = new ArrayList<>();
    ParkSettings settings;
    InMemoryEventLog disk;
    ParkStore store;

    private boolean isTearing;

    /** Files of so many bytes. */
    ParkRig(long segmentBytes) {
        var defaults = ParkSettings.defaults();
        settings = defaults.withLog(defaults.log().withSegmentBytes(segmentBytes));
        disk = new InMemoryEventLog(segmentBytes);
        store = over(disk);
    }

    ParkRig() {
        this(1 << 20);
    }

    /** On a disk that may lose something and keep what stands behind it. */
    static ParkRig tearing() {
        var rig = new ParkRig(2_000);
        rig.isTearing = true;
        return rig;
    }

    ParkStore over(EventLog log) {
        ParkAlarms toList = (index, why) -> alarms.add(index);
        return isTearing
                ? ParkStore.onDisk(log, STORE, settings, toList)
                : ParkStore.over(log, STORE, settings, toList);
    }

    /** The process is killed and starts again. */
    void kill() {
        disk = disk.afterKill();
        store = over(disk);
    }

    /** The power fails and comes back. */
    void losePower() {
        disk = disk.afterPowerLoss();
        store = over(disk);
    }

    /** Parks events and waits for the disk. */
    Parked park(Envelope... events) {
        Parked last = null;
        for (var event : events) {
            last = store.append(event, NOW);
        }
        store.force(last.index());
        return last;
    }

    ParkedKey key(String name) {
        return store.find(Events.event(name, "any"));
    }

    /** The ids of a key's letters, read as a lane does: head after head. Empties the key. */
    List<String> drain(ParkedKey key) {
        var ids = new ArrayList<String>();
        while (!key.isEmpty()) {
            ids.add(store.readHead(key).id());
            store.closeHead(key, Closing.DONE, NOW);
        }
        return ids;
    }

    /** All that is parked: by key the ids in order. Reads a copy, so that the store stays as it is. */
    Map<String, List<String>> contents() {
        var copy = new ParkRig();
        copy.settings = settings;
        copy.disk = disk.afterKill();
        copy.store = copy.over(copy.disk);
        var contents = new TreeMap<String, List<String>>();
        for (int shard = 0; shard < 256; shard++) {
            for (var key : copy.store.keys(shard)) {
                contents.put(key.key(), copy.drain(key));
            }
        }
        return contents;
    }

    /** Calls the duty until it has nothing to do. */
    void compact() {
        for (int i = 0; store.compact(10_000) > 0; i++) {
            if (i > 10_000) {
                throw new AssertionError("compaction does not come to an end");
            }
        }
    }
}
