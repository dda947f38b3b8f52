package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.LogReader;
import dev.syncline.runtime.internal.log.LogReader.Step;
import dev.syncline.runtime.internal.log.StoreId;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gives disk space back. Files in which nothing lives are dropped from the oldest on. When all files together take more
 * than twice what lives in them, and one file, what lives in the oldest is copied to the end, forced, and the file is
 * dropped: a crash at any point leaves each record there once or twice, and twice is once to {@link Recovery}.
 *
 * <p>Threading: any thread; a second one that comes meanwhile finds nothing to do.
 */
final class Compaction {

    /** More files than that are merged if they are less than half full, as each start begins one. */
    private static final int MOST_FILES = 64;

    /** What a record that need not be copied costs. */
    private static final int LOOK_BYTES = 64;

    private final ParkLog log;
    private final ParkIndex index;
    private final Damage damage;
    private final RecordReader record;
    private final long segmentBytes;
    private final ReentrantLock running = new ReentrantLock();

    private @Nullable LogReader reader;
    private long victim = EventLog.NONE;
    private long victimEnd;

    /** A file with living records that cannot be read any more: it stays until those are closed. */
    private long stuck = EventLog.NONE;

    Compaction(ParkLog log, ParkIndex index, Damage damage, StoreId store, long segmentBytes) {
        this.log = log;
        this.index = index;
        this.damage = damage;
        this.record = new RecordReader(store);
        this.segmentBytes = segmentBytes;
    }

    /** Does some work; 0 if there is none. */
    int run(int maxBytes) {
        if (!running.tryLock()) {
            return 0;
        }
        try {
            if (dropUnused() > 0) {
                return 1;
            }
            if (reader == null && !begin()) {
                return 0;
            }
            return Math.max(1, copy(maxBytes));
        } catch (RuntimeException | Error e) {
            stop(); // begins the file again: what is copied already does not live there any more
            throw e;
        } finally {
            running.unlock();
        }
    }

    void close() {
        running.lock();
        try {
            stop();
        } finally {
            running.unlock();
        }
    }

    private int dropUnused() {
        var segments = log.segments();
        if (segments.size() < 2) {
            return 0;
        }
        long firstUsed;
        long last;
        log.lock();
        try {
            firstUsed = index.use().firstUsed();
            last = log.lastIndex();
        } finally {
            log.unlock();
        }
        if (segments.get(0).endIndex() > firstUsed) {
            return 0;
        }
        if (reader != null && victim < firstUsed) {
            stop(); // a file that is open is not given back by the disk
        }
        log.force(last); // the copies of what was in there, and what closed the rest
        int dropped = log.dropBefore(firstUsed);
        if (dropped > 0) {
            log.lock();
            try {
                index.use().dropped(log.segments().get(0).firstIndex());
            } finally {
                log.unlock();
            }
        }
        return dropped;
    }

    private boolean begin() {
        var segments = log.segments();
        if (segments.size() < 2 || segments.get(0).firstIndex() == stuck) {
            return false;
        }
        long bytes = 0;
        for (var segment : segments) {
            bytes += segment.bytes();
        }
        boolean isWaste = bytes > 2 * index.use().liveBytes() + segmentBytes;
        boolean isScattered = segments.size() > MOST_FILES && bytes < segments.size() * segmentBytes / 2;
        if (!isWaste && !isScattered) {
            return false;
        }
        victim = segments.get(0).firstIndex();
        victimEnd = segments.get(0).endIndex();
        var opened = log.newReader();
        opened.moveTo(victim);
        reader = opened;
        return true;
    }

    private int copy(int maxBytes) {
        int work = 0;
        for (var open = reader; open != null && work < maxBytes; open = reader) {
            var step = open.next();
            if (step == Step.NOTHING || open.index() >= victimEnd) {
                end();
            } else if (step == Step.DAMAGED) {
                damage.at(open.index(), open.damage());
            } else {
                work += LOOK_BYTES + copyIfAlive(open);
            }
        }
        return work;
    }

    private int copyIfAlive(LogReader entry) {
        switch (record.open(entry)) {
            case RecordLayout.LETTER -> {
                return copyLetter(entry);
            }
            case RecordLayout.STATE -> {
                return copyState(entry);
            }
            default -> {
                return 0; // a close needs no copy: what it closes stands before it
            }
        }
    }

    private int copyLetter(LogReader entry) {
        log.lock();
        try {
            var shard = index.shard(record.letterShard());
            Letter letter;
            synchronized (shard) {
                letter = shard.findAt(record.identityHigh(), record.identityLow(), entry.index());
            }
            if (letter == null) {
                return 0;
            }
            var copy = record.copyOfLetter();
            index.moveLetter(letter, log.append(copy, copy.length));
            return copy.length;
        } finally {
            log.unlock();
        }
    }

    private int copyState(LogReader entry) {
        log.lock();
        try {
            var shard = index.shard(record.stateShard());
            ParkedKey key;
            synchronized (shard) {
                var letter = shard.findNumber(record.identityHigh(), record.identityLow(), record.letter());
                if (letter == null || letter.key.stateIndex() != entry.index()) {
                    return 0;
                }
                key = letter.key;
            }
            var copy = record.copy();
            index.moveState(key, log.append(copy, copy.length));
            return copy.length;
        } finally {
            log.unlock();
        }
    }

    /** All of the file was looked at. */
    private void end() {
        stop();
        log.lock();
        try {
            stuck = index.use().firstUsed() == victim ? victim : EventLog.NONE;
        } finally {
            log.unlock();
        }
        dropUnused();
    }

    private void stop() {
        var open = reader;
        reader = null;
        if (open != null) {
            open.close();
        }
    }
}
