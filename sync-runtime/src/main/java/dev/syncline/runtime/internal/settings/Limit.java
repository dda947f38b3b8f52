package dev.syncline.runtime.internal.settings;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How many keys may fail, and which share of all, within a time: both must be passed. Written {@code 5 keys 50% 30s}.
 *
 * @param keys distinct ones
 * @param percent of what happened in the window
 * @param window the last so long; seconds
 */
public record Limit(int keys, int percent, Duration window) {

    private static final Pattern TEXT = Pattern.compile("(\\d{1,9})\\s*keys?\\s+(\\d{1,3})\\s*%\\s+(\\w+)");
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /**
     * Reads it; empty for {@code off}.
     *
     * @throws IllegalArgumentException whose message continues the sentence "value …"
     */
    public static Optional<Limit> parse(String text, int leastKeys) {
        if (text.strip().equalsIgnoreCase("off")) {
            return Optional.empty();
        }
        var parts = TEXT.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "must be keys, their share and a time, such as \"5 keys 50% 30s\", or off");
        }
        int keys = Integer.parseInt(parts.group(1));
        int percent = Integer.parseInt(parts.group(2));
        var window = Values.duration(parts.group(3));
        if (keys < leastKeys || keys > 1_000) {
            throw new IllegalArgumentException("must have from " + leastKeys + " to 1000 keys");
        }
        if (percent > 100) {
            throw new IllegalArgumentException("must have at most 100%");
        }
        if (window.compareTo(SHORTEST) < 0 || window.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("must have a time from 1s to 10m");
        }
        return Optional.of(new Limit(keys, percent, window));
    }
}
