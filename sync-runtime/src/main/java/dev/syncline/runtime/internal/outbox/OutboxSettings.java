package dev.syncline.runtime.internal.outbox;

import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.log.LogSettings;
import java.time.Duration;
import java.util.Objects;

/**
 * What the outbox promises and how much it keeps.
 *
 * @param durability what an appended event survives
 * @param log how it uses the disk
 * @param retention how long acknowledged entries stay
 * @param retentionBytes how much of them stays at most, whichever binds first
 * @param maxBytes how much may wait to be shipped before appends are refused; counted in whole files
 */
public record OutboxSettings(
        Durability durability, LogSettings log, Duration retention, long retentionBytes, long maxBytes) {

    public OutboxSettings {
        Objects.requireNonNull(durability, "durability");
        Objects.requireNonNull(log, "log");
        if (retention.isNegative() || retentionBytes < 0 || maxBytes <= 0) {
            throw new IllegalArgumentException("retention is at least 0 and the limit positive: " + retention + ", "
                    + retentionBytes + ", " + maxBytes);
        }
    }

    /** {@code PROCESS}; 24 hours or 10 GiB; no limit but the reserve on the disk. */
    public static OutboxSettings defaults() {
        return new OutboxSettings(
                Durability.PROCESS, LogSettings.defaults(), Duration.ofHours(24), 10L << 30, Long.MAX_VALUE);
    }

    /** With another durability. */
    public OutboxSettings withDurability(Durability other) {
        return new OutboxSettings(other, log, retention, retentionBytes, maxBytes);
    }

    /** With another use of the disk. */
    public OutboxSettings withLog(LogSettings other) {
        return new OutboxSettings(durability, other, retention, retentionBytes, maxBytes);
    }

    /** With another retention. */
    public OutboxSettings withRetention(Duration time, long bytes) {
        return new OutboxSettings(durability, log, time, bytes, maxBytes);
    }

    /** With a limit to what may wait. */
    public OutboxSettings withMaxBytes(long bytes) {
        return new OutboxSettings(durability, log, retention, retentionBytes, bytes);
    }
}
