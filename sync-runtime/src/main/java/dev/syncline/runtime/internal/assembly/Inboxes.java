package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.inbox.EmbeddedApplied;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.inbox.InboxTables;
import dev.syncline.runtime.internal.inbox.Marks;
import dev.syncline.runtime.internal.inbox.ShardedGuard;
import dev.syncline.runtime.internal.inbox.ShardedInbox;
import dev.syncline.runtime.internal.outbox.Outbox;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Inbox and guard of each handler and broker, in {@code inbox/<handler>/<broker>} of the data directory. */
final class Inboxes {

    private static final Logger LOG = LoggerFactory.getLogger(Inboxes.class);

    private final InboxTables directory;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Findings findings;
    private final Marks marks;
    private final Map<String, EmbeddedApplied> opened = new TreeMap<>();
    private final Map<String, EmbeddedApplied> byFlow = new HashMap<>();

    Inboxes(InboxTables directory, Outbox outbox, InstantSource clock, LongSupplier nanoTime, Findings findings) {
        this.directory = directory;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.findings = findings;
        this.marks = new Marks(outbox, directory);
    }

    /**
     * Opens both.
     *
     * @param isOrderedByLog whether order per key is given whatever the number of the partition
     * @throws dev.syncline.api.OutboxException if a newer release wrote them, or the disk fails
     */
    EmbeddedApplied open(String handler, String broker, boolean isOrderedByLog) {
        var name = handler + "/" + URLEncoder.encode(broker, StandardCharsets.UTF_8);
        var settings = isOrderedByLog ? InboxSettings.defaults().orderedByLog() : InboxSettings.defaults();
        var alarms = new HandlerAlarms(handler, findings);
        var inbox = ShardedInbox.open(directory, name, settings, clock, nanoTime, alarms);
        var guard = ShardedGuard.open(directory, name, settings, clock, nanoTime, alarms);
        var applied = new EmbeddedApplied(handler, name, inbox, guard, marks.open());
        opened.put(handler + " on " + broker, applied);
        byFlow.put(name, applied);
        return applied;
    }

    /** Puts down what the outbox says was applied. After all are opened, before lanes run. */
    void redo() {
        marks.redo(byFlow);
    }

    /** Remembers how far that is done. */
    void saveProgress() {
        marks.save();
    }

    /** The handlers of which anything is remembered. */
    List<String> handlers() {
        return directory.handlers();
    }

    /** Forgets what a handler that is not at work has applied. */
    void forget(String handler) {
        marks.forget(handler); // first: what is deleted must not come back
        directory.forget(handler);
    }

    /** What is not well, a line each. */
    List<String> problems() {
        var problems = new ArrayList<String>();
        opened.forEach((name, applied) -> {
            var problem = applied.problem();
            if (problem != null) {
                problems.add("handler " + name + ": " + problem);
            }
        });
        return problems;
    }

    void close() {
        opened.values().forEach(EmbeddedApplied::close);
        try {
            marks.save();
        } catch (OutboxException unsaved) {
            LOG.debug("the next start reads more of the outbox", unsaved);
        }
    }
}
