package dev.syncline.runtime.internal.remote;

import dev.syncline.api.OutboxException;
import dev.syncline.spi.OwnedLog.LogEntry;
import dev.syncline.spi.OwnedLog.LogPage;
import java.util.List;

/**
 * Calls to a log that lies elsewhere. Each returns when it took place; how long it waits for that is its own matter.
 *
 * <p>Threading: any thread; appends one after the other.
 *
 * <p>Failure: {@link dev.syncline.runtime.internal.log.LogAwayException} if it has not taken place as far as is known, and
 * may be made again; any other {@link OutboxException} if the log is another's.
 */
public interface LogCalls {

    /** The largest entry, in bytes. */
    int maxEntryBytes();

    /** Appends entries by growing index; those that are there already are left as they are. */
    void append(List<LogEntry> entries);

    /** Reads from an index on; see {@link dev.syncline.spi.OwnedLog#readLog}. */
    LogPage read(long from, int most);

    /** Drops what lies below an index. */
    void drop(long before);
}
