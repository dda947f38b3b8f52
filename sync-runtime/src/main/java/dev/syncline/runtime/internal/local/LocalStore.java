package dev.syncline.runtime.internal.local;

import dev.syncline.api.BrokerException;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.spi.Position;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups that read one outbox in place under one broker's name: a {@link GroupFile} each, below {@code local/} in
 * the data directory, and who reads each of them now.
 *
 * <p>Threading: any thread. A group's file is used by who claimed the group.
 */
public final class LocalStore {

    private static final Logger LOG = LoggerFactory.getLogger(LocalStore.class);

    private static final String DIRECTORY = "local";
    private static final String SUFFIX = ".positions";
    private static final int LONGEST_NAME = 200;
    private static final long NOTHING_NEEDED = Long.MAX_VALUE;

    private final String broker;
    private final Outbox outbox;
    private final Path directory;
    private final Map<String, Group> groups = new HashMap<>();

    private LocalStore(String broker, Outbox outbox, Path directory) {
        this.broker = broker;
        this.outbox = outbox;
        this.directory = directory;
    }

    /**
     * Opens the groups. To be called before anything is appended to the outbox: a position ahead of an outbox that lost
     * its end in a power failure goes back to the end, so that nothing new is taken for done.
     *
     * @param broker name of the local broker; its entries in the outbox carry it
     * @param dataDirectory where {@code local/} is made
     * @throws OutboxException if the disk fails, or a newer release wrote there
     */
    public static LocalStore open(String broker, Outbox outbox, Path dataDirectory) {
        var store =
                new LocalStore(broker, outbox, dataDirectory.resolve(DIRECTORY).resolve(encode(broker)));
        store.load();
        return store;
    }

    Outbox outbox() {
        return outbox;
    }

    /** The name under which entries of this broker are in the outbox. */
    String broker() {
        return broker;
    }

    /** Every group that has positions, read now or not. */
    public synchronized Set<String> groups() {
        return new TreeSet<>(groups.keySet());
    }

    /** Lowest outbox index that a group still needs; {@code Long.MAX_VALUE} if none needs any. */
    public synchronized long lowestNeeded() {
        long lowest = NOTHING_NEEDED;
        for (var group : groups.values()) {
            lowest = Math.min(lowest, group.lowestNeeded);
        }
        return lowest;
    }

    /**
     * Makes the caller the only reader of a group, until {@link Claim#release}. From then on nothing is dropped from the
     * outbox until the claim says what it needs.
     *
     * @throws BrokerException refused if the group is read already
     */
    synchronized Claim claim(String name, String member) {
        var group = groups.get(name);
        if (group != null && group.reader != null) {
            throw BrokerException.refused(
                    "group \"" + LogText.of(name) + "\" of local broker \"" + LogText.of(broker) + "\" is read by "
                            + LogText.of(group.reader)
                            + " already, and local: has one reader per group; close that one,"
                            + " or use Kafka or Redis to share a group",
                    null);
        }
        var path = path(name);
        var file = GroupFile.open(path);
        if (group == null) {
            group = new Group();
            groups.put(name, group);
        }
        group.reader = member;
        group.lowestNeeded = 0;
        return new Claim(name, group, file);
    }

    /**
     * Forgets a group's positions.
     *
     * @throws BrokerException refused if the group is read
     */
    synchronized void forget(String name) {
        var group = groups.get(name);
        if (group != null && group.reader != null) {
            throw BrokerException.refused(
                    "group \"" + LogText.of(name) + "\" is not forgotten: " + LogText.of(group.reader)
                            + " reads it; stop that handler first",
                    null);
        }
        try {
            Files.deleteIfExists(path(name));
        } catch (IOException failure) {
            throw new OutboxException(
                    "cannot delete the positions of group " + LogText.of(name) + ": " + failure, failure);
        }
        groups.remove(name);
    }

    /** @throws BrokerException refused if no file can be named so */
    Path path(String group) {
        var name = encode(group);
        if (group.isEmpty() || name.length() > LONGEST_NAME) {
            throw BrokerException.refused(
                    "group \"" + LogText.of(group) + "\" cannot be kept by a local broker: its name takes "
                            + name.length() + " characters in a file name, 1 to " + LONGEST_NAME + " are possible",
                    null);
        }
        return directory.resolve(name + SUFFIX);
    }

    /**
     * How many entries each group has not done, of those that have any. Reads the outbox from the lowest of them on.
     *
     * @throws OutboxException if the disk fails
     */
    public synchronized Map<String, Long> unfinished() {
        var unfinished = new TreeMap<String, Long>();
        for (var name : groups()) {
            try (var file = GroupFile.open(path(name));
                    var reader = outbox.newReader()) {
                reader.moveTo(file.isDamaged() ? 0 : lowestNeeded(file), 0);
                long count = 0;
                while (reader.next()) {
                    if (reader.broker().equals(broker)
                            && file.needs(reader.topic(), reader.shard(), reader.position())) {
                        count++;
                    }
                }
                if (count > 0) {
                    unfinished.put(name, count);
                }
            }
        }
        return unfinished;
    }

    /** The names of all local brokers that groups have ever read in this data directory. */
    public static Set<String> brokers(Path dataDirectory) {
        var names = new TreeSet<String>();
        var directories = dataDirectory.resolve(DIRECTORY);
        if (Files.isDirectory(directories)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(directories, Files::isDirectory)) {
                for (var path : found) {
                    names.add(URLDecoder.decode(String.valueOf(path.getFileName()), StandardCharsets.UTF_8));
                }
            } catch (IOException failure) {
                throw new OutboxException("cannot list " + directories + ": " + failure, failure);
            }
        }
        return names;
    }

    private void load() {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (var path : files) {
                var fileName = String.valueOf(path.getFileName());
                var name = URLDecoder.decode(
                        fileName.substring(0, fileName.length() - SUFFIX.length()), StandardCharsets.UTF_8);
                groups.put(name, load(path, name));
            }
        } catch (IOException failure) {
            throw new OutboxException("cannot list " + directory + ": " + failure, failure);
        }
    }

    private Group load(Path path, String name) {
        try (var file = GroupFile.open(path)) {
            var group = new Group();
            if (file.clamp(outbox.lastIndex(), outbox.lastN())) {
                LOG.warn(
                        "positions of group {} were ahead of the outbox, which has lost its end; they go back to its end",
                        LogText.of(name));
            }
            group.lowestNeeded = file.isDamaged() ? 0 : lowestNeeded(file);
            return group;
        }
    }

    private static long lowestNeeded(GroupFile file) {
        long lowest = NOTHING_NEEDED;
        for (var entry : file.entries()) {
            lowest = Math.min(lowest, entry.kept().clear().major());
        }
        return lowest;
    }

    private static String encode(String name) {
        // URLEncoder leaves the asterisk, which some file systems do not take
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("*", "%2A");
    }

    private static final class Group {
        private @Nullable String reader;
        private long lowestNeeded = NOTHING_NEEDED;
    }

    /** The right to read a group, and its file. */
    final class Claim {

        private final String name;
        private final Group group;
        private final GroupFile file;
        private boolean isReleased;

        private Claim(String name, Group group, GroupFile file) {
            this.name = name;
            this.group = group;
            this.file = file;
        }

        GroupFile file() {
            return file;
        }

        /** Says what the group needs of the outbox. */
        void needs(long lowestIndex) {
            synchronized (LocalStore.this) {
                group.lowestNeeded = lowestIndex;
            }
        }

        /** Gives the group back. Idempotent. */
        void release() {
            synchronized (LocalStore.this) {
                if (isReleased) {
                    return;
                }
                isReleased = true;
                group.reader = null;
                group.lowestNeeded = file.isDamaged() ? 0 : lowestNeeded(file);
                if (file.entries().isEmpty()) {
                    groups.remove(name);
                }
            }
            file.close();
        }
    }

    /** The end of an outbox whose newest entry has this index: before whatever comes. */
    static Position endAfter(long lastIndex) {
        return new Position(lastIndex + 1, 0);
    }
}
