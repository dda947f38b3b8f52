package dev.syncline.runtime.internal.shared;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.remote.LogCalls;
import dev.syncline.spi.OwnedLog.LogEntry;
import dev.syncline.spi.OwnedLog.LogPage;
import java.util.List;

/**
 * The log of a partition that is held. A partition that is gone, and nothing else, is an {@link OutboxException}; a store
 * that is away is waited for.
 */
record HeldLog(PartitionHold hold, StoreCalls calls) implements LogCalls {

    @Override
    public int maxEntryBytes() {
        return hold.state().maxEntryBytes();
    }

    @Override
    public void append(List<LogEntry> entries) {
        if (!calls.run(hold, () -> hold.state().append(entries))) {
            throw gone();
        }
    }

    @Override
    public LogPage read(long from, int most) {
        return calls.await(hold, () -> hold.state().readLog(from, most)).orElseThrow(this::gone);
    }

    @Override
    public void drop(long before) {
        if (!calls.run(hold, () -> hold.state().dropLog(before))) {
            throw gone();
        }
    }

    private OutboxException gone() {
        return new OutboxException(hold.partition + " is not ours any more, its parked events are another's");
    }
}
