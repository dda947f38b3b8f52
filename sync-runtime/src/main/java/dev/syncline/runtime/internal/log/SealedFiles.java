package dev.syncline.runtime.internal.log;

import dev.syncline.api.OutboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.OptionalInt;

/** The files of earlier runs: puts them out of Chronicle's sight, and finds where the log ends. */
final class SealedFiles {

    private SealedFiles() {}

    /**
     * Where a log ends.
     *
     * @param lastIndex of the newest entry that can be read
     * @param damage what lies behind it and cannot be read; empty if nothing does
     */
    record Tail(long lastIndex, String damage) {}

    /** Renames what Chronicle has left and returns all files, from the oldest on. Can be repeated after a crash. */
    static LogSegment[] seal(Path directory) throws IOException {
        var found = new ArrayList<LogSegment>();
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                var name = file.getFileName().toString();
                if (name.endsWith(SegmentName.LIVE_SUFFIX)) {
                    int cycle = cycle(file, name, SegmentName.LIVE_SUFFIX);
                    found.add(segment(cycle, Files.move(file, directory.resolve(SegmentName.sealed(cycle)))));
                } else if (name.endsWith(SegmentName.SEALED_SUFFIX)) {
                    found.add(segment(cycle(file, name, SegmentName.SEALED_SUFFIX), file));
                }
            }
        }
        found.sort(Comparator.comparingInt(LogSegment::cycle));
        return found.toArray(LogSegment[]::new);
    }

    private static LogSegment segment(int cycle, Path path) throws IOException {
        return new LogSegment(cycle, path, Files.size(path), true);
    }

    private static int cycle(Path file, String name, String suffix) {
        OptionalInt cycle = SegmentName.cycle(name.substring(0, name.length() - suffix.length()));
        return cycle.orElseThrow(() -> new OutboxException(
                "file " + file + " is not one of this outbox, by its name: move it to another directory"));
    }

    /**
     * Finds the newest entry, and cuts its file behind it, so that nobody reads through what was never written. A file
     * in which something is damaged is left as it is.
     */
    static Tail readTail(LogSegment[] segments, int maxEntryBytes) throws IOException {
        var damage = "";
        for (int i = segments.length - 1; i >= 0; i--) {
            var segment = segments[i];
            long lastIndex = EventLog.NONE;
            long frame = 0;
            long end = 0;
            boolean isIntact = true;
            try (var reader = new SegmentReader(new SegmentList(segment), maxEntryBytes)) {
                for (var step = reader.next(); step != LogReader.Step.NOTHING; step = reader.next()) {
                    if (step == LogReader.Step.ENTRY) {
                        lastIndex = reader.index();
                        end = reader.endPosition();
                        frame = end - reader.length() - Frame.HEADER_BYTES;
                        damage = "";
                    } else {
                        isIntact = false;
                        damage = reader.damage();
                    }
                }
            }
            if (lastIndex != EventLog.NONE) {
                segment.ends(lastIndex, frame);
                if (isIntact && end < segment.end()) {
                    cut(segment, end);
                }
                return new Tail(lastIndex, damage);
            }
        }
        return new Tail(EventLog.NONE, damage);
    }

    private static void cut(LogSegment segment, long end) throws IOException {
        try (var file = DiskFile.toWrite(segment.path())) {
            file.truncate(end);
        }
        segment.trimmed(end);
    }
}
