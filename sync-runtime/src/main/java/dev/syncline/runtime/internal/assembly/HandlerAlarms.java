package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.inbox.InboxAlarms;
import dev.syncline.runtime.internal.park.ParkAlarms;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the stores of one handler found. */
final class HandlerAlarms implements InboxAlarms, ParkAlarms {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerAlarms.class);

    private static final int MOST_WARNINGS = 10;

    private final String handler;
    private final Findings findings;
    private final AtomicInteger warnings = new AtomicInteger();

    HandlerAlarms(String handler, Findings findings) {
        this.handler = handler;
        this.findings = findings;
    }

    @Override
    public void onDamaged(long index, String why) {
        findings.note("handler " + handler + ": entry " + Long.toHexString(index) + " of its parked events is damaged ("
                + why + "): what it was may be lost; look after the disk, and compare the target with its source");
    }

    @Override
    public void onDamaged(Path putAside, String why) {
        findings.note("handler " + handler + ": what it had applied is partly forgotten (" + why
                + "), repeats of these events are applied again; the file is kept as " + putAside);
    }

    @Override
    public void onSecondOrigin(String topic, String key, String origin) {
        if (warnings.incrementAndGet() <= MOST_WARNINGS) {
            LOG.warn(
                    "{}: entity {} of {} is changed by a second origin, {}: versions of two origins are not compared,"
                            + " the last to come wins",
                    handler,
                    LogText.of(key),
                    LogText.of(topic),
                    LogText.of(origin));
        }
    }
}
