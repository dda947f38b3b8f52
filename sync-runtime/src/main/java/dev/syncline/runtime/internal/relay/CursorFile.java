package dev.syncline.runtime.internal.relay;

import dev.syncline.api.OutboxException;
import dev.syncline.spi.Position;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cursors in a small file of text, written whole beside the old one and put in its place, so that a crash leaves one
 * or the other. Names are percent-encoded; a mark is index, ordinal and number of an entry before it.
 *
 * <pre>
 * syncline relay cursors 1
 * read 83562883712 1 2041
 * 83562883700 0 2029 default catalog.product
 * 83562883712 1 2041 cache prices%2Fnew
 * crc32c 5f1c09ab                                 of all lines before
 * </pre>
 *
 * <p>A file that is not whole is as good as none: then all that the outbox retains is shipped once more, which repeats
 * events and loses none. A file of a newer release is refused.
 */
final class CursorFile implements CursorStore {

    /** Name within the directory of the outbox. */
    static final String NAME = "relay.cursors";

    private static final Logger LOG = LoggerFactory.getLogger(CursorFile.class);

    private static final String TITLE = "syncline relay cursors ";
    private static final int VERSION = 1;
    private static final String READ = "read ";
    private static final String CRC = "crc32c ";

    private final Path file;
    private final Path temporary;
    private final boolean force;

    /**
     * Names the file; opens nothing.
     *
     * @param force whether what was saved survives a power failure, too
     */
    CursorFile(Path directory, boolean force) {
        this.file = directory.resolve(NAME);
        this.temporary = directory.resolve(NAME + ".new");
        this.force = force;
    }

    @Override
    public Cursors load() {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException none) {
            return Cursors.NONE;
        } catch (IOException unreadable) {
            throw new OutboxException("cannot read " + file + ": " + unreadable, unreadable);
        }
        var version =
                text.startsWith(TITLE) ? text.substring(TITLE.length()).lines().findFirst() : null;
        if (version != null && version.isPresent() && !version.get().equals(String.valueOf(VERSION))) {
            throw new OutboxException(file + " has version " + version.get() + ", this release reads " + VERSION
                    + ": it was written by a newer release, go on with that one");
        }
        var cursors = parse(text);
        if (cursors == null) {
            LOG.warn("{} is damaged: all events that the outbox retains are shipped again", file);
            return Cursors.NONE;
        }
        return cursors;
    }

    @Override
    public void save(Cursors cursors) {
        save(cursors, force);
    }

    @Override
    public void saveForced(Cursors cursors) {
        save(cursors, true);
    }

    private void save(Cursors cursors, boolean force) {
        try {
            try (var channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                var bytes = ByteBuffer.wrap(format(cursors).getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                if (force) {
                    channel.force(true);
                }
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new OutboxException("cannot write " + file + ": " + failure, failure);
        }
    }

    static String format(Cursors cursors) {
        var text = new StringBuilder(TITLE).append(VERSION).append('\n');
        append(text.append(READ), cursors.read()).append('\n');
        cursors.destinations()
                .forEach((destination, mark) -> append(text, mark)
                        .append(' ')
                        .append(encode(destination.broker()))
                        .append(' ')
                        .append(encode(destination.topic()))
                        .append('\n'));
        var crc = crc(text);
        return text.append(CRC).append(crc).append('\n').toString();
    }

    static @Nullable Cursors parse(String text) {
        int end = text.lastIndexOf('\n' + CRC) + 1;
        if (end == 0 || !text.substring(end).equals(CRC + crc(text.substring(0, end)) + '\n')) {
            return null;
        }
        List<String> lines = text.substring(0, end).lines().toList();
        try {
            Map<Destination, Mark> destinations = new HashMap<>();
            for (var line : lines.subList(2, lines.size())) {
                var words = line.split(" ", -1);
                destinations.put(new Destination(decode(words[3]), decode(words[4])), mark(words));
            }
            return Cursors.of(mark(lines.get(1).substring(READ.length()).split(" ", -1)), destinations);
        } catch (IllegalArgumentException | IndexOutOfBoundsException malformed) {
            return null;
        }
    }

    private static StringBuilder append(StringBuilder text, Mark mark) {
        return text.append(mark.position().major())
                .append(' ')
                .append(mark.position().minor())
                .append(' ')
                .append(mark.nBefore());
    }

    private static Mark mark(String[] words) {
        return new Mark(new Position(Long.parseLong(words[0]), Long.parseLong(words[1])), Long.parseLong(words[2]));
    }

    private static String encode(String name) {
        return name.isEmpty() ? "%" : URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    private static String decode(String name) {
        return name.equals("%") ? "" : URLDecoder.decode(name, StandardCharsets.UTF_8);
    }

    private static String crc(CharSequence text) {
        var crc = new CRC32C();
        crc.update(text.toString().getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }
}
