package dev.syncline.runtime.internal.envelope;

import org.jspecify.annotations.Nullable;

/** Text from outside, made fit for a log line: control, format and bidi characters escaped, cut at 256 characters. */
public final class LogText {

    private static final int LONGEST = 256;

    private LogText() {}

    /** The text, harmless. */
    public static String of(String text) {
        int end = Math.min(text.length(), LONGEST);
        int i = 0;
        while (i < end && isHarmless(text.charAt(i))) {
            i++;
        }
        if (i == text.length()) {
            return text;
        }
        var escaped = new StringBuilder(end + 16).append(text, 0, i);
        for (; i < end; i++) {
            char c = text.charAt(i);
            if (isHarmless(c)) {
                escaped.append(c);
            } else {
                escaped.append(String.format("\\u%04x", (int) c));
            }
        }
        return text.length() > LONGEST ? escaped.append("…").toString() : escaped.toString();
    }

    /** What a failure says of itself, harmless; the name of its class if its own methods fail. */
    public static String describe(Throwable failure) {
        try {
            return of(String.valueOf(failure.toString()));
        } catch (RuntimeException | Error hostile) {
            return failure.getClass().getName();
        }
    }

    /**
     * A failure of user code for a log line with its stack trace: loggers print messages as they are, so what is printed
     * is a likeness of it, with the same frames and causes and harmless messages.
     */
    public static @Nullable Throwable printable(@Nullable Throwable failure) {
        return failure == null ? null : PrintableFailure.of(failure);
    }

    private static boolean isHarmless(char c) {
        if (c < 0x7f) {
            return c >= 0x20;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
