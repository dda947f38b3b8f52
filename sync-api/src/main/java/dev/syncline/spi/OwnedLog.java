package dev.syncline.spi;

import dev.syncline.api.BrokerException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A log in the hands of who took it, under a token that the store draws and compares itself. Once a later owner has taken
 * it, what would change it fails with {@link StateFencedException}, and has changed nothing. In it stand parked events: an
 * entry counts once {@link #append} has answered, and is then as durable as the store makes it.
 *
 * <p>Calls do not block. They fail with {@link BrokerException}: retryable if the store is away, and then it is open
 * whether a change took place; making it again is safe.
 *
 * <p>Threading: any thread.
 */
public interface OwnedLog {

    /** The fencing token, for people. */
    String token();

    /** The largest entry, in bytes, that is certain to be taken. */
    int maxEntryBytes();

    /**
     * Appends entries to the log; those whose index is not above the newest are there already and left as they are. What it
     * survives then is the store's to say. The next call comes after the answer to this one.
     *
     * @param entries by growing index
     */
    CompletionStage<@Nullable Void> append(List<LogEntry> entries);

    /**
     * Reads the log.
     *
     * @param from lowest index wanted
     * @param most entries at most; an implementation may answer with fewer, but at least one if there is one
     */
    CompletionStage<LogPage> readLog(long from, int most);

    /** Drops what lies below an index. */
    CompletionStage<@Nullable Void> dropLog(long before);

    /**
     * An entry of the log.
     *
     * @param index 1 or more
     * @param data opaque
     */
    record LogEntry(long index, Bytes data) {}

    /**
     * A part of the log.
     *
     * @param entries by growing index; empty if there is none from there on
     * @param newest the newest index ever appended to the log, also if it was dropped; 0 if none was
     */
    record LogPage(List<LogEntry> entries, long newest) {
        public LogPage {
            entries = List.copyOf(entries);
        }
    }
}
