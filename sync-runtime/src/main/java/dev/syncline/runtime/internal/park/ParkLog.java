package dev.syncline.runtime.internal.park;

import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.GroupCommit;
import dev.syncline.runtime.internal.log.LogAwayException;
import dev.syncline.runtime.internal.log.LogReader;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The log under a park store: lets one append at a time, remembers that it failed, forces for many at once.
 *
 * <p>Its lock orders appends and the changes of the index that go with them; it is taken before that of a shard.
 */
final class ParkLog implements AutoCloseable {

    private final EventLog log;
    private final ReentrantLock lock = new ReentrantLock();
    private final GroupCommit groupCommit;
    private boolean closed;
    private volatile @Nullable OutboxException failure;

    /** What earlier runs appended is forced, so that an event that finds itself in it may be settled. */
    ParkLog(EventLog log) {
        this.log = log;
        if (log.lastIndex() != EventLog.NONE) {
            log.force();
        }
        groupCommit = new GroupCommit(log, () -> {});
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    /** Appends with the lock held. */
    long append(byte[] record, int length) {
        checkUsable();
        try {
            return log.append(record, 0, length);
        } catch (OutboxFullException e) {
            throw e;
        } catch (OutboxException e) {
            failure = e;
            throw e;
        }
    }

    void force(long index) {
        try {
            groupCommit.await(index);
        } catch (LogAwayException away) {
            throw away; // it is as it was
        } catch (OutboxException e) {
            failure = e;
            throw e;
        }
    }

    long forcedIndex() {
        return groupCommit.forcedIndex();
    }

    long lastIndex() {
        return log.lastIndex();
    }

    LogReader newReader() {
        return log.newReader();
    }

    List<EventLog.Segment> segments() {
        return log.segments();
    }

    int dropBefore(long index) {
        return log.dropBefore(index);
    }

    int maxEntryBytes() {
        return log.maxEntryBytes();
    }

    @Nullable
    OutboxException failure() {
        return failure;
    }

    private void checkUsable() {
        if (closed) {
            throw new OutboxException("the park store is closed");
        }
        var earlier = failure;
        if (earlier != null) {
            throw new OutboxException("the park store cannot be trusted any more: " + earlier.getMessage(), earlier);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        try {
            long last = log.lastIndex();
            if (failure == null && last != EventLog.NONE) {
                groupCommit.await(last);
            }
        } finally {
            log.close();
        }
    }
}
