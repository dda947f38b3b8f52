package dev.syncline.runtime.internal.inbox;

import dev.syncline.runtime.internal.outbox.Outbox;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The marks of an outbox: brings the tables up to them at the start, and remembers how far they are. A crash between a
 * document of results and the tables costs nothing then: the document says what was applied.
 *
 * <p>Threading: {@link #redo} before lanes run, the others any.
 */
public final class Marks {

    private static final Logger LOG = LoggerFactory.getLogger(Marks.class);

    private final Outbox outbox;
    private final InboxTables tables;
    private final OpenMarks open;
    private MarkProgress progress;

    /** Reads how far the tables are. */
    public Marks(Outbox outbox, InboxTables tables) {
        this.outbox = outbox;
        this.tables = tables;
        this.open = new OpenMarks(outbox::lastIndex);
        this.progress = tables.progress();
    }

    /** Those on their way. */
    public OpenMarks open() {
        return open;
    }

    /**
     * Puts down what the tables may lack: reads the outbox from where they are known to be complete. Marks of handlers
     * that are not there say nothing.
     *
     * @param flows by handler, slash, broker
     * @throws dev.syncline.api.OutboxException if the disk fails, or a newer release wrote a mark
     */
    public synchronized void redo(Map<String, EmbeddedApplied> flows) {
        boolean isBeyondTheEnd = progress.complete() > outbox.lastIndex();
        long after = isBeyondTheEnd ? MarkProgress.NOTHING : progress.complete();
        long found = 0;
        try (var reader = outbox.newReader(after + 1)) {
            while (reader.next()) {
                if (reader.ordinal() > 0) {
                    continue;
                }
                for (var encoded : reader.marks()) {
                    var mark = AppliedMark.decode(encoded);
                    var flow = flows.get(mark.flow());
                    if (flow != null && !isForgotten(mark, reader.index())) {
                        flow.redo(mark);
                        found++;
                    }
                }
            }
        }
        if (found > 0) {
            LOG.info("looked through {} marks of the outbox after index {}: what they say is known", found, after);
        }
        save();
    }

    private boolean isForgotten(AppliedMark mark, long index) {
        var handler = mark.flow().substring(0, mark.flow().indexOf('/'));
        return index <= progress.forgotten().getOrDefault(handler, MarkProgress.NOTHING);
    }

    /**
     * Remembers how far the tables are.
     *
     * @throws dev.syncline.api.OutboxException if the disk fails: the next start reads more
     */
    public synchronized void save() {
        keep(progress.upTo(open.completeUpTo(), outbox.firstIndex()));
    }

    /** What a handler has applied is forgotten: its marks up to now say nothing any more. */
    public synchronized void forget(String handler) {
        keep(progress.without(handler, outbox.lastIndex()));
    }

    private void keep(MarkProgress next) {
        tables.save(next);
        progress = next;
    }
}
