package dev.syncline.runtime.internal.inbox;

import dev.syncline.api.EventType.Kind;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Marking;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Inbox and guard of a handler, embedded, as its lanes ask them: the inbox first, which needs no version. */
public final class EmbeddedApplied implements HandlerApplied, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedApplied.class);

    private final String handler;
    private final String flow;
    private final OpenMarks open;
    private final ShardedInbox inbox;
    private final ShardedGuard guard;
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder stale = new LongAdder();
    private volatile @Nullable String problem;

    /**
     * Of a handler on a broker; closes inbox and guard when it is closed.
     *
     * @param flow handler, slash, broker: whose marks are whose
     */
    public EmbeddedApplied(String handler, String flow, ShardedInbox inbox, ShardedGuard guard, OpenMarks open) {
        this.handler = handler;
        this.flow = flow;
        this.open = open;
        this.inbox = inbox;
        this.guard = guard;
    }

    @Override
    public Answer ask(Envelope event, Kind kind) {
        switch (inbox.check(event)) {
            case DUPLICATE -> {
                duplicates.increment();
                return Answer.DUPLICATE;
            }
            case CONFLICT -> {
                return Answer.CONFLICT;
            }
            case NEW -> {}
        }
        if (guard.check(EntityChange.of(event, kind)) == GuardStore.Answer.STALE) {
            stale.increment();
            return Answer.STALE;
        }
        return Answer.APPLY;
    }

    /**
     * Guard before inbox: a crash between costs a repeat, which the guard lets through since its version is not older. A
     * mark that the disk refuses does not hold the event back: what was done cannot be undone by waiting.
     */
    @Override
    public boolean done(Envelope event, Kind kind) {
        try {
            guard.mark(EntityChange.of(event, kind));
            inbox.mark(event);
        } catch (OutboxException refused) {
            if (problem == null) {
                LOG.error("{}: what was applied cannot be put down, events may be applied again", handler, refused);
            }
            problem = "what was applied cannot be put down (" + refused.getMessage()
                    + "): after a restart events may be applied again";
            open.refused(event);
            return true;
        }
        open.remove(event);
        if (problem != null) {
            problem = null;
        }
        return true;
    }

    /** Marks of events that are stored with their results. */
    public Marking marking(Function<Envelope, Kind> kinds) {
        return new Marking() {
            @Override
            public byte[] mark(Envelope event) {
                open.add(event);
                return new AppliedMark(flow, event, kinds.apply(event), inbox.digest(event), inbox.digestKeys(event))
                        .encoded();
            }

            @Override
            public void unmark(Envelope event) {
                open.remove(event);
            }
        };
    }

    /** What a mark says is put down, unless it is already. Before lanes ask. */
    void redo(AppliedMark mark) {
        guard.mark(EntityChange.of(mark.event(), mark.kind()));
        inbox.markAgain(mark.event(), mark.digest(), mark.table());
    }

    @Override
    public long duplicates() {
        return duplicates.sum();
    }

    @Override
    public long stale() {
        return stale.sum();
    }

    @Override
    public @Nullable String problem() {
        return problem;
    }

    @Override
    public void close() {
        inbox.close();
        guard.close();
    }
}
