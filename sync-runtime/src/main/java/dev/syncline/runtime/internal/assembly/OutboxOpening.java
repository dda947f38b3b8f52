package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.internal.assembly.Storage.Opened;
import dev.syncline.runtime.internal.log.LogSettings;
import dev.syncline.runtime.internal.outbox.OutboxAlarms;
import dev.syncline.runtime.internal.outbox.OutboxSettings;
import dev.syncline.runtime.internal.wiring.RuntimeSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outbox of an instance with the lock on its directory, and what it found wrong on the disk. */
final class OutboxOpening implements OutboxAlarms {

    private static final Logger LOG = LoggerFactory.getLogger(OutboxOpening.class);

    private final Findings findings;

    private OutboxOpening(Findings findings) {
        this.findings = findings;
    }

    /** Locks the directory and opens the outbox in it; both are closed by {@code undo}. */
    static Opened open(Blueprint blueprint, Findings findings, Undo undo) {
        var opened = blueprint
                .storage()
                .open(blueprint.name(), settings(blueprint.settings()), blueprint.clock(), new OutboxOpening(findings));
        undo.add(opened.release());
        undo.add(opened.outbox()::close);
        opened.outbox()
                .whyNewId()
                .ifPresent(why -> LOG.warn(
                        "{}: the outbox numbers events from now on under the new id {}, so that no receiver takes them"
                                + " for repeats of others: {}. If it was put back: what was published since the backup and"
                                + " not shipped is lost, publish it again",
                        blueprint.name(),
                        opened.outbox().outboxId(),
                        why));
        return opened;
    }

    private static OutboxSettings settings(RuntimeSettings settings) {
        return OutboxSettings.defaults()
                .withDurability(settings.durability())
                .withLog(log(settings))
                .withRetention(settings.outboxRetention(), settings.outboxRetentionBytes())
                .withMaxBytes(settings.outboxMaxBytes());
    }

    /** A block must hold four of the largest entries: the payload, and attributes beside it. */
    private static LogSettings log(RuntimeSettings settings) {
        long largest = settings.maxPayloadBytes() + (64L << 10);
        long block = Long.highestOneBit(4 * largest - 1) << 1;
        return LogSettings.ofBlock(
                (int) Math.min(1 << 30, Math.max(LogSettings.defaults().blockBytes(), block)));
    }

    @Override
    public void onDamaged(long index, String why) {
        findings.note("entry " + Long.toHexString(index) + " of the outbox is damaged (" + why
                + ") and was skipped, those after it are delivered: look after the disk");
    }

    @Override
    public void onGap(long expectedN, long foundN, long index) {
        findings.note("the outbox misses events " + expectedN + " to " + (foundN - 1)
                + ": they were lost by the disk, publish them again");
    }
}
