package dev.syncline.runtime.internal.log;

import dev.syncline.api.ConfigurationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/**
 * Holds a data directory for one instance in one process, and knows who the directory is.
 *
 * <p>The lock is the operating system's: it ends with the process, whatever its number was, so a container that finds
 * itself again as process 1 is not locked out by its own ghost. Holding it proves that whatever else in the directory
 * looks held is stale.
 *
 * <p>Threading: any thread. Released by {@link #close} or the end of the process.
 */
public final class DirectoryLock implements AutoCloseable {

    private static final String LOCK_FILE = "syncline.lock";
    private static final String ID_FILE = "store.id";
    private static final String FORMAT_LINE = "syncline-store 1";
    private static final String ID_PREFIX = "id ";

    /** Behind the text, because a lock on Windows keeps others from reading what it covers. */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    private static final int MAX_HOLDER_BYTES = 1_000;

    private final Path directory;
    private final StoreId storeId;
    private final boolean isNew;
    private final String jvmKey;
    private final FileChannel channel;

    private DirectoryLock(Path directory, StoreId storeId, boolean isNew, String jvmKey, FileChannel channel) {
        this.directory = directory;
        this.storeId = storeId;
        this.isNew = isNew;
        this.jvmKey = jvmKey;
        this.channel = channel;
    }

    /**
     * Takes the directory, made if it is not there.
     *
     * @param application its name, for the message that another process gets
     * @throws ConfigurationException if somebody holds it, if it cannot be written, or if it belongs to a newer release
     */
    public static DirectoryLock acquire(Path directory, String application) {
        try {
            return take(made(directory), holder(application));
        } catch (IOException | UncheckedIOException e) {
            throw new ConfigurationException(
                    "data directory " + directory.toAbsolutePath() + " cannot be used: " + e
                            + ". Give this user write permission there, or set another directory",
                    e);
        }
    }

    private static DirectoryLock take(Path directory, String holder) throws IOException {
        // Two things must not happen in one JVM: a second lock on the file, and closing a second channel of it, which
        // on POSIX would drop the first one's lock. So the JVM is asked before the file is touched. A static would not
        // see an instance whose classes another loader loaded; the system properties are the JVM's own.
        var key = "syncline.lock."
                + Objects.requireNonNullElse(
                        Files.readAttributes(directory, BasicFileAttributes.class)
                                .fileKey(),
                        directory);
        var inThisJvm = System.getProperties().putIfAbsent(key, holder);
        if (inThisJvm != null) {
            throw inUse(directory, inThisJvm + ", this very JVM");
        }
        FileChannel channel = null;
        boolean isHeld = false;
        try {
            channel = FileChannel.open(
                    directory.resolve(LOCK_FILE),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
            if (lock == null) {
                throw inUse(directory, read(channel));
            }
            write(channel, holder);
            boolean isNew = !Files.exists(directory.resolve(ID_FILE));
            var taken = new DirectoryLock(directory, identity(directory), isNew, key, channel);
            isHeld = true;
            return taken;
        } finally {
            if (!isHeld) {
                if (channel != null) {
                    channel.close();
                }
                System.getProperties().remove(key);
            }
        }
    }

    /** The directory, absolute. */
    public Path directory() {
        return directory;
    }

    /** Who it is, for ever. */
    public StoreId storeId() {
        return storeId;
    }

    /** Whether it got its identity just now: it was empty. */
    public boolean isNew() {
        return isNew;
    }

    /** Lets the directory go. Idempotent. */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.truncate(0);
        } catch (IOException e) {
            // the text is for people only
        }
        try {
            channel.close();
        } catch (IOException e) {
            // the descriptor is gone all the same
        }
        System.getProperties().remove(jvmKey);
    }

    @Override
    public String toString() {
        return directory + " (store " + storeId + ")";
    }

    private static Path made(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            }
        }
        return directory.toRealPath();
    }

    private static String holder(String application) {
        var process = ProcessHandle.current();
        var since = process.info().startInstant().orElse(Instant.EPOCH).truncatedTo(ChronoUnit.SECONDS);
        return "application " + application + ", process " + process.pid() + " on " + host() + ", started " + since;
    }

    /** Not by name service, which may block for long. */
    private static String host() {
        for (var file : List.of("/proc/sys/kernel/hostname", "/etc/hostname")) {
            try {
                return Files.readString(Path.of(file)).strip();
            } catch (IOException e) {
                // elsewhere, or by the environment
            }
        }
        return Objects.requireNonNullElse(
                System.getenv("HOSTNAME"), Objects.requireNonNullElse(System.getenv("COMPUTERNAME"), "this host"));
    }

    private static ConfigurationException inUse(Path directory, Object holder) {
        return new ConfigurationException("data directory " + directory + " is in use by " + holder
                + ". One instance works on a directory at a time: end that one, or set another directory for this one");
    }

    private static String read(FileChannel channel) throws IOException {
        var text = ByteBuffer.allocate(MAX_HOLDER_BYTES);
        channel.read(text, 0);
        var holder = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip();
        return holder.isEmpty() ? "another process" : holder;
    }

    private static void write(FileChannel channel, String holder) throws IOException {
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((holder + "\n").getBytes(StandardCharsets.UTF_8)), 0);
    }

    private static StoreId identity(Path directory) throws IOException {
        var file = directory.resolve(ID_FILE);
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return newIdentity(file);
        }
        if (lines.isEmpty() || !lines.get(0).equals(FORMAT_LINE)) {
            throw new ConfigurationException("file " + file + " begins with \""
                    + (lines.isEmpty() ? "" : abbreviated(lines.get(0))) + "\" instead of \"" + FORMAT_LINE
                    + "\": the directory was written by a newer release, go on with that one; or the file is damaged,"
                    + " restore it");
        }
        return lines.stream()
                .filter(line -> line.startsWith(ID_PREFIX))
                .map(line -> line.substring(ID_PREFIX.length()).strip())
                .flatMap(text -> StoreId.parse(text).stream())
                .findFirst()
                .orElseThrow(() -> new ConfigurationException("file " + file + " has no line \"" + ID_PREFIX
                        + "…\" of 32 hexadecimal digits: it is damaged, restore it. The id stands in every outboxseq of"
                        + " this store's events and beside its groups' positions"));
    }

    private static StoreId newIdentity(Path file) throws IOException {
        var id = StoreId.random();
        SmallFile.write(file, FORMAT_LINE + "\n" + ID_PREFIX + id + "\n");
        return id;
    }

    private static String abbreviated(String line) {
        return line.length() <= 40 ? line : line.substring(0, 40) + "…";
    }
}
