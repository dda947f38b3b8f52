package dev.syncline.runtime.internal.park;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.log.StoreId;

/**
 * Changes of a key that are durable before they show: what a person asked for, and the end of a key, behind which a later
 * event of it may be handled. If the log does not take or does not keep them the key stands as it stood, and the same may
 * be asked again; what the log has of them by then may count after a restart.
 *
 * <p>Threading: as the changes of {@link ParkStore}. Blocks for the disk.
 */
final class ForcedChanges {

    private final ParkLog log;
    private final ParkIndex index;
    private final StoreId storeId;

    ForcedChanges(ParkLog log, ParkIndex index, StoreId storeId) {
        this.log = log;
        this.index = index;
        this.storeId = storeId;
    }

    /** Puts down how it stands with the head. */
    void record(ParkedKey key, HeadState state) {
        var record = RecordWriter.state(storeId, ParkStore.head(key, "no state without a letter"), state);
        var before = key.state();
        long at = put(key, state, record);
        try {
            log.force(at);
        } catch (OutboxException refused) {
            set(key, before, at, record.length()); // or it would not be dead here, and nobody attempt it
            throw refused;
        }
    }

    private long put(ParkedKey key, HeadState state, RecordWriter record) {
        log.lock();
        try {
            long at = log.append(record.array(), record.length());
            index.setState(key, state, at, record.length());
            return at;
        } finally {
            log.unlock();
        }
    }

    private void set(ParkedKey key, HeadState state, long at, int bytes) {
        log.lock();
        try {
            index.setState(key, state, at, bytes);
        } finally {
            log.unlock();
        }
    }

    /** Takes the head away. */
    void closeHead(ParkedKey key, Closing closing, long nowMillis) {
        var head = ParkStore.head(key, "nothing to close");
        boolean isClosed;
        do {
            long at = append(RecordWriter.close(storeId, closing, nowMillis, new long[] {head.number}));
            log.force(at);
            isClosed = removeIfBefore(key, at, 1);
        } while (!isClosed);
    }

    /**
     * Takes all letters away; returns how many. So many that they need several records go from the last one on, so that a
     * crash between leaves the head where it was.
     */
    int closeAll(ParkedKey key, Closing closing, long nowMillis) {
        int letters = key.size();
        int most = Math.max(1, (log.maxEntryBytes() - ParkStore.CLOSE_BYTES) / Long.BYTES);
        boolean isClosed;
        do {
            long[] numbers;
            synchronized (key.index()) {
                numbers = key.lastNumbers(letters);
            }
            long first = Long.MAX_VALUE;
            long last = 0;
            for (int end = letters; end > 0; end -= most) {
                int begin = Math.max(0, end - most);
                var some = new long[end - begin];
                System.arraycopy(numbers, begin, some, 0, some.length);
                last = append(RecordWriter.close(storeId, closing, nowMillis, some));
                first = Math.min(first, last);
            }
            log.force(last);
            isClosed = removeIfBefore(key, first, letters);
        } while (!isClosed);
        return letters;
    }

    private long append(RecordWriter record) {
        log.lock();
        try {
            return log.append(record.array(), record.length());
        } finally {
            log.unlock();
        }
    }

    /** Not if a letter was copied behind what closes it meanwhile: it would be back after a restart. */
    private boolean removeIfBefore(ParkedKey key, long closed, int letters) {
        log.lock();
        try {
            synchronized (key.index()) {
                if (key.newestPlace(letters) > closed) {
                    return false;
                }
            }
            if (letters == 1) {
                index.removeHead(key);
            } else {
                index.removeLast(key, letters);
            }
            return true;
        } finally {
            log.unlock();
        }
    }
}
