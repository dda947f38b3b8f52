package dev.syncline.runtime.internal.inbox;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.log.BootId;
import dev.syncline.runtime.internal.log.SmallFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps in a small file up to where the tables lack nothing of the outbox's marks. The tables are not forced, so that
 * counts only in the run of the machine in which it was written; after another one all marks that the outbox retains
 * are read.
 *
 * <pre>
 * syncline-marks 1
 * boot 6d0a…                 the machine's run in which that was written
 * complete 83562883712       index of the outbox
 * forgotten 83562883700 shop of this handler no mark up to that index counts; for as long as the outbox has such
 * </pre>
 *
 * <p>A file that cannot be read is as good as none, and costs reading.
 *
 * <p>Threading: any.
 */
final class MarkFile {

    private static final Logger LOG = LoggerFactory.getLogger(MarkFile.class);

    private static final String TITLE = "syncline-marks ";
    private static final int VERSION = 1;
    private static final String BOOT = "boot ";
    private static final String COMPLETE = "complete ";
    private static final String FORGOTTEN = "forgotten ";

    private final Path file;
    private final String bootId;
    private MarkProgress saved = MarkProgress.NONE;

    MarkFile(Path file) {
        this(file, BootId.read());
    }

    MarkFile(Path file, String bootId) {
        this.file = file;
        this.bootId = bootId;
    }

    /** @throws OutboxException if a newer release wrote it */
    synchronized MarkProgress load() {
        try {
            var lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            checkVersion(lines.isEmpty() ? "" : lines.get(0));
            saved = parse(lines);
        } catch (NoSuchFileException none) {
            saved = MarkProgress.NONE;
        } catch (OutboxException newer) {
            throw newer;
        } catch (IOException | RuntimeException unreadable) {
            LOG.warn("{} cannot be read, all marks in the outbox are looked through: {}", file, unreadable.toString());
            saved = MarkProgress.NONE;
        }
        return saved;
    }

    private void checkVersion(String title) {
        if (title.matches(TITLE + "[0-9]{1,9}") && !title.equals(TITLE + VERSION)) {
            throw new OutboxException("file " + file + " has version " + title.substring(TITLE.length())
                    + ", this release reads " + VERSION + ": it was written by a newer release, go on with that one");
        }
    }

    private MarkProgress parse(List<String> lines) {
        if (lines.isEmpty() || !lines.get(0).equals(TITLE + VERSION)) {
            throw new IllegalArgumentException("it has no title");
        }
        boolean isSameRun = false;
        long complete = MarkProgress.NOTHING;
        Map<String, Long> forgotten = new TreeMap<>();
        for (var line : lines) {
            if (line.startsWith(BOOT)) {
                isSameRun = !bootId.isEmpty() && line.substring(BOOT.length()).equals(bootId);
            } else if (line.startsWith(COMPLETE)) {
                complete = Long.parseLong(line.substring(COMPLETE.length()));
            } else if (line.startsWith(FORGOTTEN)) {
                var words = line.split(" ", -1);
                forgotten.put(words[2], Long.parseLong(words[1]));
            }
        }
        return new MarkProgress(isSameRun ? complete : MarkProgress.NOTHING, forgotten);
    }

    /**
     * Saves; does nothing if nothing has changed.
     *
     * @throws OutboxException if the disk fails
     */
    synchronized void save(MarkProgress progress) {
        if (progress.equals(saved)) {
            return;
        }
        var text = new StringBuilder(TITLE)
                .append(VERSION)
                .append('\n')
                .append(BOOT)
                .append(bootId)
                .append('\n')
                .append(COMPLETE)
                .append(progress.complete())
                .append('\n');
        progress.forgotten()
                .forEach((handler, index) -> text.append(FORGOTTEN)
                        .append(index)
                        .append(' ')
                        .append(handler)
                        .append('\n'));
        try {
            SmallFile.write(file, text.toString());
        } catch (IOException failure) {
            throw new OutboxException("file " + file + " cannot be written: " + failure, failure);
        }
        saved = progress;
    }
}
