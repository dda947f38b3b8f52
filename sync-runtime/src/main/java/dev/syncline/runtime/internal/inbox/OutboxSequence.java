package dev.syncline.runtime.internal.inbox;

/**
 * Takes the attribute {@code outboxseq} apart: the id of the outbox in 32 hexadecimal digits, a colon, and the number
 * that the outbox gave the event, from 1. Used again for each event, because every event has one.
 *
 * <p>Threading: one thread at a time.
 */
public final class OutboxSequence {

    private static final int HALF = 16;
    private static final int NUMBER = 2 * HALF + 1;
    private static final int MAX_LENGTH = NUMBER + 19;

    private long idHigh;
    private long idLow;
    private long n;

    /** Nothing taken yet. */
    public OutboxSequence() {}

    /** Whether the text is one; if so it is taken. */
    public boolean parse(String text) {
        if (text.length() <= NUMBER || text.length() > MAX_LENGTH || text.charAt(NUMBER - 1) != ':') {
            return false;
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < HALF; i++) {
            int digit = hexDigit(text.charAt(i));
            int lowDigit = hexDigit(text.charAt(HALF + i));
            if ((digit | lowDigit) < 0) {
                return false;
            }
            high = high << 4 | digit;
            low = low << 4 | lowDigit;
        }
        long number = 0;
        for (int i = NUMBER; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || number < 0) {
                return false;
            }
            number = number * 10 + digit;
        }
        if (number <= 0 || text.charAt(NUMBER) == '0') {
            return false;
        }
        idHigh = high;
        idLow = low;
        n = number;
        return true;
    }

    /** First half of the outbox's id. */
    public long idHigh() {
        return idHigh;
    }

    /** Second half of the outbox's id. */
    public long idLow() {
        return idLow;
    }

    /** The number, 1 or more. */
    public long n() {
        return n;
    }

    private static int hexDigit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }
}
