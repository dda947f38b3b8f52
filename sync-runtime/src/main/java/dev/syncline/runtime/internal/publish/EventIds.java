package dev.syncline.runtime.internal.publish;

import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Ids for events that bring none: 64 random bits of this process, then a count. Unique like a random UUID of that
 * length per process, sorts by age within a process, and costs one increment.
 */
public final class EventIds implements Supplier<String> {

    private final String prefix;
    private final AtomicLong count = new AtomicLong();

    /** Ids with a prefix of 64 bits that nobody else has. */
    public EventIds(long prefix) {
        this.prefix = HexFormat.of().toHexDigits(prefix) + "-";
    }

    @Override
    public String get() {
        return prefix + HexFormat.of().toHexDigits(count.getAndIncrement(), 12);
    }
}
