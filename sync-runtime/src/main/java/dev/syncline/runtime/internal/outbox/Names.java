package dev.syncline.runtime.internal.outbox;

import dev.syncline.runtime.internal.keys.Murmur2;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Gives the same {@code String} for the same bytes, so that reading names that come again and again (topics, brokers,
 * attribute names) makes no garbage. Forgets all when it is full: names that never come again must not stay.
 *
 * <p>Threading: one thread at a time.
 */
final class Names {

    private static final int SLOTS = 1024;
    private static final int LONGEST = 256;

    private final byte[][] bytes = new byte[SLOTS][];
    private final @Nullable String[] texts = new String[SLOTS];
    private int used;

    String of(byte[] array, int offset, int length) {
        if (length > LONGEST) {
            return new String(array, offset, length, StandardCharsets.UTF_8);
        }
        int slot = Murmur2.hash(array, offset, length) & (SLOTS - 1);
        for (; ; slot = (slot + 1) & (SLOTS - 1)) {
            String text = texts[slot];
            if (text == null) {
                return add(array, offset, length, slot);
            }
            if (Arrays.equals(bytes[slot], 0, bytes[slot].length, array, offset, offset + length)) {
                return text;
            }
        }
    }

    private String add(byte[] array, int offset, int length, int slot) {
        String text = new String(array, offset, length, StandardCharsets.UTF_8);
        if (++used > SLOTS / 2) {
            Arrays.fill(texts, null);
            used = 0;
            return text;
        }
        bytes[slot] = Arrays.copyOfRange(array, offset, offset + length);
        texts[slot] = text;
        return text;
    }
}
