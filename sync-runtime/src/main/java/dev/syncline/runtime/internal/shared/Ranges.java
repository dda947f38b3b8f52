package dev.syncline.runtime.internal.shared;

import dev.syncline.spi.Bytes;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was applied of one key of one outbox: per partition the range of its numbers, as {@code 3:17-20 5:21-21}. Within a
 * partition a key's numbers grow, so what lies in the range of its partition was applied.
 *
 * @param byPartition never empty
 */
record Ranges(Map<Integer, Range> byPartition) {

    record Range(long first, long highest) {}

    /** What an entry says; null if there is none. */
    static @Nullable Ranges parse(@Nullable Bytes entry) {
        if (entry == null) {
            return null;
        }
        var ranges = new TreeMap<Integer, Range>();
        for (var part : entry.asText().split(" ", -1)) {
            int colon = part.indexOf(':');
            int dash = part.indexOf('-', colon);
            ranges.put(
                    Integer.valueOf(part.substring(0, colon)),
                    new Range(
                            Long.parseLong(part.substring(colon + 1, dash)), Long.parseLong(part.substring(dash + 1))));
        }
        return new Ranges(ranges);
    }

    static Ranges of(int partition, long n) {
        return new Ranges(Map.of(partition, new Range(n, n)));
    }

    long highest() {
        return byPartition.values().stream().mapToLong(Range::highest).max().orElseThrow();
    }

    boolean contains(int partition, long n) {
        var range = byPartition.get(partition);
        return range != null && n >= range.first && n <= range.highest;
    }

    /** Whether a number is told from others by the range of this partition alone, as long as the key has been nowhere else. */
    boolean isOnlyIn(int partition) {
        return byPartition.size() == 1 && byPartition.containsKey(partition);
    }

    /** With a further number, if it is above its partition's range; below it says nothing. */
    Ranges with(int partition, long n) {
        var range = byPartition.get(partition);
        if (range != null && n <= range.highest) {
            return this;
        }
        var extended = new TreeMap<>(byPartition);
        extended.put(partition, new Range(range == null ? n : range.first, n));
        return new Ranges(extended);
    }

    Bytes entry() {
        var text = new StringBuilder();
        new TreeMap<>(byPartition)
                .forEach((partition, range) -> text.append(text.isEmpty() ? "" : " ")
                        .append(partition)
                        .append(':')
                        .append(range.first)
                        .append('-')
                        .append(range.highest));
        return EntryHash.ascii(text.toString());
    }
}
