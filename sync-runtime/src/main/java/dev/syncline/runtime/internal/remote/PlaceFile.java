package dev.syncline.runtime.internal.remote;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.log.TextFile;
import java.io.IOException;

/**
 * Says in the data directory where events of a handler are parked, if not in it, as long as any may be there: a start that
 * would look for them in another place has to notice. It is written before the first event is handed over, and after the
 * last one is done with.
 *
 * <pre>
 * parked-elsewhere.&lt;handler&gt;.&lt;broker&gt;     syncline-place 1
 *                                           kafka://host:9092/shop.parked      nothing if no event is there
 * </pre>
 *
 * <p>Threading: any thread.
 */
public final class PlaceFile {

    private static final String FORMAT_LINE = "syncline-place 1";

    private final TextFile file;
    private String place;

    /**
     * What the file says.
     *
     * @throws OutboxException if it cannot be read, or a newer release wrote it
     */
    public PlaceFile(TextFile file) {
        this.file = file;
        this.place = read(file);
    }

    private static String read(TextFile file) {
        try {
            var text = file.read();
            if (text == null) {
                return "";
            }
            var lines = text.lines().toList();
            if (lines.isEmpty() || !lines.get(0).equals(FORMAT_LINE)) {
                var first = lines.isEmpty() ? "" : lines.get(0);
                throw new OutboxException("file " + file + " begins with \""
                        + first.substring(0, Math.min(first.length(), FORMAT_LINE.length())) + "\" instead of \""
                        + FORMAT_LINE
                        + "\": a newer release wrote it, go on with that one; or it is damaged, restore it");
            }
            return lines.size() > 1 ? lines.get(1) : "";
        } catch (IOException failure) {
            throw new OutboxException("cannot read " + file + ": " + failure, failure);
        }
    }

    /** Where events may be; empty if none is anywhere but here. */
    public synchronized String place() {
        return place;
    }

    /**
     * Events may be there from now on. Returns once that survives a power failure.
     *
     * @throws OutboxException if the disk refuses
     */
    synchronized void occupy(String where) {
        if (!place.equals(where)) {
            write(where);
        }
    }

    /**
     * None is there any more.
     *
     * @throws OutboxException if the disk refuses
     */
    synchronized void vacate() {
        if (!place.isEmpty()) {
            write("");
        }
    }

    private void write(String where) {
        try {
            file.write(identity -> FORMAT_LINE + "\n" + where + "\n");
            place = where;
        } catch (IOException failure) {
            throw new OutboxException("cannot write " + file + ": " + failure, failure);
        }
    }

    /** The file, for people. */
    @Override
    public String toString() {
        return file.toString();
    }
}
