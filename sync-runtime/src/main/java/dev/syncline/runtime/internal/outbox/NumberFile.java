package dev.syncline.runtime.internal.outbox;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.log.BootId;
import dev.syncline.runtime.internal.log.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps beside the log how far numbers may have been given, so that none is given twice even if the log's newest entries
 * are gone: by a power failure under {@code PROCESS}, or because somebody deleted the files.
 *
 * <p>Numbers are taken from blocks of {@value #BLOCK}; a block is on the disk before its first number is given. As long
 * as the machine has not been started anew, the log's tail can be trusted, because the kernel had it: then numbers go on
 * without a gap. Otherwise they go on above the block.
 *
 * <pre>
 * syncline-numbers 1
 * reserved 1048576         no number above this was ever given
 * boot 6d0a…               the machine's run in which that was written
 * closed false             true: the outbox was closed in order, reserved is the last number given
 * </pre>
 */
final class NumberFile implements Numbering {

    static final long BLOCK = 1L << 20;

    private static final String FORMAT_LINE = "syncline-numbers 1";

    private final TextFile file;
    private final String bootId;
    private long reserved;
    private boolean isClosed;

    NumberFile(TextFile file, String bootId) {
        this.file = file;
        this.bootId = bootId;
    }

    /** With the boot id of this machine, where it has one. */
    static NumberFile in(Path directory) {
        // without one every start that follows no orderly end counts as one after a power failure
        return new NumberFile(TextFile.at(directory.resolve("outbox.numbers")), BootId.read());
    }

    @Override
    public long resume(long lastInLog, boolean tailDamaged) {
        var before = read();
        long unknown = lastInLog == 0 ? 0 : lastInLog + BLOCK; // the file was deleted: the log may have lost as much
        reserved = before.isEmpty() ? unknown : parse(before.getOrDefault("reserved", ""));
        isClosed = before.getOrDefault("closed", "").equals("true");
        boolean isSameRun = !bootId.isEmpty() && bootId.equals(before.get("boot"));
        boolean isTailWhole = isSameRun && !isClosed && !tailDamaged && lastInLog > 0;
        return isTailWhole ? lastInLog + 1 : Math.max(reserved, lastInLog) + 1;
    }

    @Override
    public boolean knowsTheLast() {
        return isClosed;
    }

    @Override
    public void cover(long n) {
        if (n > reserved) {
            write(n + BLOCK, false);
        }
    }

    @Override
    public void close(long lastN) {
        if (reserved > 0) {
            write(lastN, true);
        }
    }

    private Map<String, String> read() {
        var values = new HashMap<String, String>();
        try {
            var text = file.read();
            if (text == null) {
                return values;
            }
            var lines = text.lines().toList();
            if (lines.isEmpty() || !lines.get(0).equals(FORMAT_LINE)) {
                throw damaged();
            }
            for (var line : lines.subList(1, lines.size())) {
                int space = line.indexOf(' ');
                if (space > 0) {
                    values.put(
                            line.substring(0, space), line.substring(space + 1).strip());
                }
            }
        } catch (IOException e) {
            throw new OutboxException("file " + file + " cannot be read: " + e, e);
        }
        return values;
    }

    private long parse(String number) {
        try {
            return Long.parseLong(number);
        } catch (NumberFormatException e) {
            throw damaged();
        }
    }

    private void write(long upTo, boolean isClosed) {
        try {
            file.write(FORMAT_LINE + "\nreserved " + upTo + "\nboot " + bootId + "\nclosed " + isClosed + "\n");
            reserved = upTo;
        } catch (IOException e) {
            throw new OutboxException("file " + file + " cannot be written: " + e + ". Nothing was stored", e);
        }
    }

    private OutboxException damaged() {
        return new OutboxException("file " + file + " is damaged or of a newer release. It says which numbers of the"
                + " outbox were given; restore it, or go on with the newer release");
    }
}
