package dev.syncline.runtime.internal.log;

import dev.syncline.api.OutboxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lives of a data directory: it begins another with every start, and now and then while it runs. Each has a random
 * name, which stands beside every position that is acknowledged in it. So a directory that was put back from a backup is
 * told from the one that went on after it: it knows nothing of the lives that came since, though its id is the same.
 *
 * <pre>
 * store.lives        syncline-lives 1
 *                    0123456789abcdef      one line per life, the newest last
 * </pre>
 *
 * <p>Threading: any thread; {@link #renew} by one at a time.
 */
public final class StoreLives {

    /** A directory that is none, as in a simulation, has one life. */
    public static final StoreLives ONE = new StoreLives(null, "", Set.of());

    private static final String FILE = "store.lives";
    private static final String FORMAT_LINE = "syncline-lives 1";

    /** The oldest ones go: at one an hour, after a century. */
    private static final int MOST = 1_000_000;

    private final @Nullable Path file;
    private volatile String current;
    private volatile Set<String> known;

    private StoreLives(@Nullable Path file, String current, Set<String> known) {
        this.file = file;
        this.current = current;
        this.known = known;
    }

    /**
     * Begins another life of a directory, whose lock is held.
     *
     * @param random 64 bits that no other life has
     * @throws OutboxException if the disk fails, or a newer release wrote the file
     */
    public static StoreLives begin(Path directory, long random) {
        var lives = new StoreLives(directory.resolve(FILE), "", Set.of());
        lives.renew(random);
        return lives;
    }

    /**
     * Begins another life.
     *
     * @param random 64 bits that no other life has
     * @throws OutboxException if the disk fails; the life before goes on
     */
    public void renew(long random) {
        if (file == null) {
            return;
        }
        try {
            var before = read(file);
            var life = String.format("%016x", random);
            var text = new StringBuilder(FORMAT_LINE).append('\n');
            before.stream()
                    .skip(Math.max(0, before.size() - MOST))
                    .forEach(line -> text.append(line).append('\n'));
            SmallFile.write(file, text.append(life).append('\n').toString());
            var all = new HashSet<>(before);
            all.add(life);
            known = Set.copyOf(all);
            current = life;
        } catch (IOException failure) {
            throw new OutboxException("cannot write " + file + ": " + failure, failure);
        }
    }

    private static List<String> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        var lines = Files.readString(file, StandardCharsets.UTF_8).lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(FORMAT_LINE)) {
            var first = lines.isEmpty() ? "" : lines.get(0);
            throw new OutboxException("file " + file + " begins with \""
                    + first.substring(0, Math.min(first.length(), FORMAT_LINE.length() + 3)) + "\" instead of \""
                    + FORMAT_LINE + "\": a newer release wrote it, go on with that one; or it is damaged, restore it");
        }
        return lines.subList(1, lines.size());
    }

    /** The name of the life that goes on; empty for {@link #ONE}. */
    public String current() {
        return current;
    }

    /** Whether the directory had, or has, that life. */
    public boolean knows(String life) {
        return known.contains(life);
    }
}
