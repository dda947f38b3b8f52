package dev.syncline.runtime.internal.log;

import java.security.SecureRandom;
import java.util.Optional;

/**
 * Who a data directory is, for ever: 128 random bits. Part of every event's {@code outboxseq} and of every commit, so
 * that a copy or a stranger is told from the original.
 */
public record StoreId(long high, long low) {

    private static final int HEX_DIGITS = 32;

    /** A new one. */
    public static StoreId random() {
        var random = new SecureRandom();
        return new StoreId(random.nextLong(), random.nextLong());
    }

    /** The id that {@link #toString} printed, or nothing if the text is none. */
    public static Optional<StoreId> parse(String text) {
        if (text.length() != HEX_DIGITS || !text.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
            return Optional.empty();
        }
        return Optional.of(new StoreId(
                Long.parseUnsignedLong(text, 0, HEX_DIGITS / 2, 16),
                Long.parseUnsignedLong(text, HEX_DIGITS / 2, HEX_DIGITS, 16)));
    }

    /** 32 hexadecimal digits. */
    @Override
    public String toString() {
        return String.format("%016x%016x", high, low);
    }
}
