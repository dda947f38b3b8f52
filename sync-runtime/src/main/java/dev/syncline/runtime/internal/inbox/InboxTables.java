package dev.syncline.runtime.internal.inbox;

import dev.syncline.runtime.internal.table.Table;
import dev.syncline.runtime.internal.table.TableAlarms;
import dev.syncline.runtime.internal.table.TableUse;
import java.util.List;

/** Where the tables of inbox and guard of each handler are. */
public interface InboxTables {

    /** The handlers of which anything is remembered, by their ids, in order. */
    List<String> handlers();

    /** What was saved last of how far they are; {@link MarkProgress#NONE} if that does not count any more. */
    default MarkProgress progress() {
        return MarkProgress.NONE;
    }

    /**
     * Saves how far they are. Where it is not kept, each start looks through all marks that the outbox retains.
     *
     * @throws dev.syncline.api.OutboxException if the disk fails
     */
    default void save(MarkProgress progress) {}

    /** Deletes all that is remembered of a handler, which must not run: all its events are new to it then. */
    void forget(String handler);

    /**
     * The tables for one use, by shard.
     *
     * @param name handler, or handler and broker with a slash between
     * @throws dev.syncline.api.OutboxException if a newer release wrote them, or the disk fails
     */
    Table[] open(String name, TableUse use, TableAlarms alarms);
}
