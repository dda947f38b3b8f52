package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.internal.inbox.InboxTables;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.LogSettings;
import dev.syncline.runtime.internal.log.StoreLives;
import dev.syncline.runtime.internal.log.TextFile;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.outbox.OutboxAlarms;
import dev.syncline.runtime.internal.outbox.OutboxSettings;
import dev.syncline.runtime.internal.relay.CursorStore;
import java.time.InstantSource;
import java.util.List;

/** Opens what an instance keeps over its end: files of its data directory, in simulation those of a simulated disk. */
public interface Storage {

    /** Why it cannot be used, a line each with what to change; empty if it can. Touches nothing. */
    List<String> problems();

    /**
     * Takes it for this instance and opens the outbox in it.
     *
     * @throws dev.syncline.api.ConfigurationException if another instance has it
     * @throws dev.syncline.api.OutboxException if the disk cannot be used
     */
    Opened open(String application, OutboxSettings settings, InstantSource clock, OutboxAlarms alarms);

    /**
     * Begins another life of what was opened; see {@link StoreLives}.
     *
     * @param random 64 bits that no other life has
     * @throws dev.syncline.api.OutboxException if the disk fails, or a newer release wrote it
     */
    StoreLives lives(long random);

    /**
     * Where the relay keeps how far it is.
     *
     * @param isForced whether what is saved survives a power failure, too
     */
    CursorStore cursors(boolean isForced);

    /** Whether anything was ever parked of a handler on a broker. */
    boolean hasParked(String handler, String broker);

    /** The log of what is parked, made if it is not there. */
    EventLog parked(String handler, String broker, LogSettings settings);

    /** Says where else events of a handler on a broker are parked; see {@link dev.syncline.runtime.internal.remote.PlaceFile}. */
    TextFile parkedElsewhere(String handler, String broker);

    /** Deletes what is parked of a handler that is not at work, and what says where else. */
    void forgetParked(String handler);

    /** What handlers have applied. */
    InboxTables inboxes();

    /**
     * An open outbox.
     *
     * @param release lets the storage go, after the outbox is closed
     */
    record Opened(Outbox outbox, Runnable release) {}
}
