package dev.syncline.runtime.internal.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Which file of a file system a file is, whatever its name and contents. A file that remembers its own identity is told
 * from a copy of it: renaming and moving within a file system keep number and birth, copying gives others. Copies of the
 * whole file system, as snapshots of volumes are, keep both.
 *
 * @param inode number within its file system; empty where there is none
 * @param birthNanos when it was made, since 1970; {@link #UNKNOWN} where that is not kept
 */
public record FileIdentity(String inode, long birthNanos) {

    /** Of what is no file, or of a file system that has no such thing. */
    public static final FileIdentity NONE = new FileIdentity("", -1);

    private static final long UNKNOWN = -1;
    private static final FileTime LONG_AGO = FileTime.fromMillis(1_000);

    /** Of a file that is there. */
    public static FileIdentity of(Path file) throws IOException {
        if (!hasInodes(file)) {
            return NONE;
        }
        var inode = String.valueOf(Files.getAttribute(file, "unix:ino"));
        return new FileIdentity(inode, birth(file));
    }

    /** Of a file that was just made and has nothing in it yet; changes its time of modification. */
    static FileIdentity ofNew(Path file) throws IOException {
        if (!hasInodes(file)) {
            return NONE;
        }
        Files.setLastModifiedTime(file, LONG_AGO);
        var identity = of(file);
        // where births are not kept the JDK gives the time of modification for one
        return identity.birthNanos == nanos(LONG_AGO) ? new FileIdentity(identity.inode, UNKNOWN) : identity;
    }

    /** Whether both may be the same file, as far as they tell. */
    public boolean mayBe(FileIdentity that) {
        return (inode.isEmpty() || that.inode.isEmpty() || inode.equals(that.inode))
                && (birthNanos == UNKNOWN || that.birthNanos == UNKNOWN || birthNanos == that.birthNanos);
    }

    /** What {@link #toString} printed; {@link #NONE} if the text is none. */
    public static FileIdentity parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return NONE;
        }
        try {
            return new FileIdentity(text.substring(0, slash), Long.parseLong(text.substring(slash + 1)));
        } catch (NumberFormatException other) {
            return NONE;
        }
    }

    @Override
    public String toString() {
        return inode + '/' + birthNanos;
    }

    private static boolean hasInodes(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("unix");
    }

    private static long birth(Path file) throws IOException {
        return nanos(Files.readAttributes(file, BasicFileAttributes.class).creationTime());
    }

    private static long nanos(FileTime time) {
        Instant instant = time.toInstant();
        return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
    }
}
