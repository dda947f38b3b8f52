package dev.syncline.runtime.internal.outbox;

import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.LogReader;
import java.util.List;

/** A log to be disturbed by a test: hands everything to another. */
public class ForwardingEventLog implements EventLog {

    private final EventLog to;

    public ForwardingEventLog(EventLog to) {
        this.to = to;
    }

    @Override
    public long append(byte[] entry, int offset, int length) {
        return to.append(entry, offset, length);
    }

    @Override
    public LogReader newReader() {
        return to.newReader();
    }

    @Override
    public void force() {
        to.force();
    }

    @Override
    public long forcedIndex() {
        return to.forcedIndex();
    }

    @Override
    public long firstIndex() {
        return to.firstIndex();
    }

    @Override
    public long lastIndex() {
        return to.lastIndex();
    }

    @Override
    public String tailDamage() {
        return to.tailDamage();
    }

    @Override
    public List<Segment> segments() {
        return to.segments();
    }

    @Override
    public int dropBefore(long index) {
        return to.dropBefore(index);
    }

    @Override
    public int maxEntryBytes() {
        return to.maxEntryBytes();
    }

    @Override
    public void close() {
        to.close();
    }
}
