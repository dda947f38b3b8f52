package dev.syncline.runtime.internal.log;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.OptionalInt;

/**
 * The names of the files: the UTC time at which one began, or, where they follow one another faster than the clock, the
 * next five minutes that no file has yet.
 */
final class SegmentName {

    /** As Chronicle's {@code FIVE_MINUTELY} has it. */
    static final int CYCLE_MILLIS = 300_000;

    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("uuuuMMdd-HHmm'V'")
            .withZone(ZoneOffset.UTC)
            .withResolverStyle(ResolverStyle.STRICT);

    /** Written to by Chronicle. */
    static final String LIVE_SUFFIX = ".cq4";

    /** Of an earlier run; Chronicle does not see it. */
    static final String SEALED_SUFFIX = ".cq4.sealed";

    private SegmentName() {}

    static String live(int cycle) {
        return FORMAT.format(Instant.ofEpochMilli((long) cycle * CYCLE_MILLIS)) + LIVE_SUFFIX;
    }

    static String sealed(int cycle) {
        return FORMAT.format(Instant.ofEpochMilli((long) cycle * CYCLE_MILLIS)) + SEALED_SUFFIX;
    }

    /** The cycle of a file name without its suffix. */
    static OptionalInt cycle(String name) {
        try {
            long millis = FORMAT.parse(name, Instant::from).toEpochMilli();
            return millis % CYCLE_MILLIS == 0
                    ? OptionalInt.of(Math.toIntExact(millis / CYCLE_MILLIS))
                    : OptionalInt.empty();
        } catch (DateTimeException | ArithmeticException e) {
            return OptionalInt.empty();
        }
    }
}
