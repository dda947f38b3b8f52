package dev.syncline.runtime.internal.park;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The letters of a shard by identity: a table with open addressing, four to eight bytes a letter. Holds several of one
 * identity, if they have other data.
 */
final class Letters {

    private static final int FEWEST_SLOTS = 8;

    private @Nullable Letter[] slots = new Letter[0];
    private int size;

    int size() {
        return size;
    }

    void add(Letter letter) {
        if ((size + 1) * 4L > slots.length * 3L) {
            resize(Math.max(FEWEST_SLOTS, slots.length * 2));
        }
        put(letter);
        size++;
    }

    @Nullable
    Letter find(long high, long low, Predicate<Letter> which) {
        if (size == 0) {
            return null;
        }
        int mask = slots.length - 1;
        for (int i = (int) high & mask; ; i = (i + 1) & mask) {
            var letter = slots[i];
            if (letter == null) {
                return null;
            }
            if (letter.has(high, low) && which.test(letter)) {
                return letter;
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // this very letter
    void remove(Letter letter) {
        int mask = slots.length - 1;
        int i = (int) letter.identityHigh & mask;
        while (slots[i] != letter) {
            if (slots[i] == null) {
                throw new AssertionError("letter " + letter.number + " is not there");
            }
            i = (i + 1) & mask;
        }
        size--;
        // those behind it move up, so that no search ends early at the gap
        int gap = i;
        slots[gap] = null;
        for (int j = (gap + 1) & mask; ; j = (j + 1) & mask) {
            var next = slots[j];
            if (next == null) {
                break;
            }
            int home = (int) next.identityHigh & mask;
            if (((j - home) & mask) >= ((j - gap) & mask)) {
                slots[gap] = next;
                slots[j] = null;
                gap = j;
            }
        }
        if (slots.length > FEWEST_SLOTS && size * 8L < slots.length) {
            resize(slots.length / 2);
        }
    }

    private void resize(int length) {
        var old = slots;
        slots = new Letter[length];
        for (var letter : old) {
            if (letter != null) {
                put(letter);
            }
        }
    }

    private void put(Letter letter) {
        int mask = slots.length - 1;
        int i = (int) letter.identityHigh & mask;
        while (slots[i] != null) {
            i = (i + 1) & mask;
        }
        slots[i] = letter;
    }
}
