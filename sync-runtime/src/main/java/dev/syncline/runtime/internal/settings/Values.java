package dev.syncline.runtime.internal.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the text of settings and annotations. What cannot be read is an {@link IllegalArgumentException} whose message
 * continues the sentence "value …".
 */
public final class Values {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})(B|KiB|MiB|GiB|TiB)?");
    private static final int MAX_PAUSES = 32;

    private Values() {}

    /** {@code 100ms}, {@code 30s}, {@code 5m}, {@code 24h}, {@code 7d}. */
    public static Duration duration(String text) {
        var parts = DURATION.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException("must be a number with ms, s, m, h or d, such as 30s");
        }
        long number = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    /** Durations with spaces between, {@code none} for an empty list. */
    public static List<Duration> pauses(String text) {
        if (text.strip().equals("none")) {
            return List.of();
        }
        var pauses = new ArrayList<Duration>();
        for (var part : text.strip().split("\\s+", -1)) {
            try {
                pauses.add(duration(part));
            } catch (IllegalArgumentException malformed) {
                throw new IllegalArgumentException(
                        "must be durations with spaces between, such as \"100ms 200ms\", or \"none\"", malformed);
            }
        }
        if (pauses.size() > MAX_PAUSES) {
            throw new IllegalArgumentException("must be at most " + MAX_PAUSES + " durations");
        }
        return pauses;
    }

    /** Bytes: {@code 512}, {@code 64KiB}, {@code 1MiB}, {@code 10GiB}. */
    public static long bytes(String text) {
        var parts = SIZE.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException("must be bytes, or a number with KiB, MiB, GiB or TiB, such as 64MiB");
        }
        var unit = parts.group(2) == null ? "B" : parts.group(2);
        int shift = List.of("B", "KiB", "MiB", "GiB", "TiB").indexOf(unit) * 10;
        long number = Long.parseLong(parts.group(1));
        if (number > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException("must be less than 8 EiB");
        }
        return number << shift;
    }

    /** A whole number within bounds. */
    public static int count(String text, int least, int most) {
        try {
            int count = Integer.parseInt(text.strip());
            if (count >= least && count <= most) {
                return count;
            }
        } catch (NumberFormatException garbage) {
            // told below
        }
        throw new IllegalArgumentException("must be a whole number from " + least + " to " + most);
    }

    /** {@code true} or {@code false}. */
    public static boolean flag(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("must be true or false");
        };
    }

    /** One constant, without regard to case. */
    public static <E extends Enum<E>> E constant(String text, Class<E> type) {
        for (var constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(text.strip())) {
                return constant;
            }
        }
        throw new IllegalArgumentException(
                "must be one of " + EnumSet.allOf(type).toString().toLowerCase(Locale.ROOT));
    }

    /** Constants with spaces or commas between. */
    public static <E extends Enum<E>> Set<E> constants(String text, Class<E> type) {
        var all = EnumSet.noneOf(type);
        for (var part : text.strip().split("[\\s,]+", -1)) {
            all.add(constant(part, type));
        }
        return all;
    }

    /** As {@link #pauses} reads it. */
    public static String text(List<Duration> pauses) {
        return pauses.isEmpty()
                ? "none"
                : pauses.stream()
                        .map(Values::text)
                        .reduce((a, b) -> a + " " + b)
                        .orElseThrow();
    }

    /** As {@link #duration} reads it. */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0 || millis == 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds % 60 != 0) {
            return seconds + "s";
        }
        if (seconds % 3600 != 0) {
            return seconds / 60 + "m";
        }
        return seconds / 3600 + "h";
    }

    /** As {@link #bytes} reads it. */
    public static String textOfBytes(long bytes) {
        var units = List.of("", "KiB", "MiB", "GiB", "TiB");
        int unit = 0;
        long number = bytes;
        while (unit < 4 && number != 0 && number % 1024 == 0) {
            number /= 1024;
            unit++;
        }
        return number + units.get(unit);
    }
}
