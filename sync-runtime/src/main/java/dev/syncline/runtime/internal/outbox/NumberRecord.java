package dev.syncline.runtime.internal.outbox;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.log.FileIdentity;
import dev.syncline.runtime.internal.log.StoreId;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What stands in {@code outbox.numbers}.
 *
 * <pre>
 * syncline-numbers 2
 * reserved 1048593         no number above this was ever given
 * given 17                 the log once ended here or further on, or lacks what comes up to here
 * boot 6d0a…               the machine's run in which that was written
 * closed false             true: the outbox was closed in order, reserved is the last number given
 * outbox 0123…             the id under which numbers are given
 * file 5441760/17641…      which file this is: inode and birth
 * seen 1764149949934       when it was written, in milliseconds since 1970
 * crc32c 5f1c09ab          of all lines before
 * </pre>
 *
 * <p>Version 1 had the lines {@code reserved}, {@code boot} and {@code closed}.
 *
 * @param outboxId null in version 1
 */
record NumberRecord(
        long reserved,
        long given,
        String boot,
        boolean isClosed,
        @Nullable StoreId outboxId,
        FileIdentity file,
        long seenMillis) {

    private static final String TITLE = "syncline-numbers ";
    private static final int VERSION = 2;
    private static final String FIRST_VERSION = "1";
    private static final String CRC = "crc32c ";

    /** The text, or null if it is damaged. {@code name} is for the message. */
    static @Nullable NumberRecord parse(String text, Object name) {
        var title = text.lines().findFirst().orElse("");
        if (!title.matches(TITLE + "[0-9]{1,9}")) {
            return null;
        }
        var version = title.substring(TITLE.length());
        if (version.equals(FIRST_VERSION)) {
            return parse(values(text));
        }
        if (!version.equals(String.valueOf(VERSION))) {
            throw new OutboxException("file " + name + " has version " + version + ", this release reads up to "
                    + VERSION + ": it was written by a newer release, go on with that one");
        }
        int end = text.lastIndexOf('\n' + CRC) + 1;
        return end > 0 && text.substring(end).equals(crcLine(text.substring(0, end))) ? parse(values(text)) : null;
    }

    private static @Nullable NumberRecord parse(Map<String, String> values) {
        try {
            return new NumberRecord(
                    Long.parseLong(values.getOrDefault("reserved", "")),
                    Long.parseLong(values.getOrDefault("given", "0")),
                    values.getOrDefault("boot", ""),
                    values.getOrDefault("closed", "").equals("true"),
                    StoreId.parse(values.getOrDefault("outbox", "")).orElse(null),
                    FileIdentity.parse(values.getOrDefault("file", "")),
                    Long.parseLong(values.getOrDefault("seen", "0")));
        } catch (NumberFormatException damaged) {
            return null;
        }
    }

    private static Map<String, String> values(String text) {
        var values = new HashMap<String, String>();
        text.lines().skip(1).forEach(line -> {
            int space = line.indexOf(' ');
            if (space > 0) {
                values.put(line.substring(0, space), line.substring(space + 1).strip());
            }
        });
        return values;
    }

    /** As it is written. */
    String format() {
        var text = TITLE + VERSION + "\nreserved " + reserved + "\ngiven " + given + "\nboot " + boot + "\nclosed "
                + isClosed + "\noutbox " + outboxId + "\nfile " + file + "\nseen " + seenMillis + '\n';
        return text + crcLine(text);
    }

    private static String crcLine(String text) {
        var crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return CRC + String.format("%08x", crc.getValue()) + '\n';
    }
}
