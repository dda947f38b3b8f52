package dev.syncline.testkit.kill;

import dev.syncline.testkit.server.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where journals lie since the last rest, for people; and what can be read off one of them. */
final class Journals {

    private final Path directory;
    private final List<Path> kept = new ArrayList<>();

    Journals(Path directory) {
        this.directory = directory;
    }

    /** Keeps what a process has written. */
    void keep(String name, List<String> lines, ChildJvm child) {
        Path journal = directory.resolve(name + ".journal");
        Path errors = directory.resolve(name + ".errors");
        kept.add(journal);
        kept.add(errors);
        try {
            Files.createDirectories(directory);
            Files.write(journal, lines);
            child.copyErrors(errors);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the journal of " + name, e);
        }
    }

    /** Drops them all: nobody will look at those before a rest at which all was well. */
    void forget() {
        try {
            for (Path file : kept) {
                Files.deleteIfExists(file);
            }
            kept.clear();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete old journals", e);
        }
    }

    /** How long it took from then to the first line of a kind. */
    static Optional<Duration> first(List<String> lines, String prefix, long startNanos) {
        return lines.stream()
                .filter(line -> line.startsWith(prefix))
                .findFirst()
                .map(line -> Duration.ofNanos(Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)) - startNanos));
    }
}
