package dev.syncline.testkit.server;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The file into which a process writes its output. */
final class OutputFile {

    private static final int QUOTED_LINES = 40;
    private static final int QUOTED_BYTES = 16 * 1024;

    private final Path path;

    OutputFile(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    String text() {
        try {
            return Files.exists(path) ? new String(Files.readAllBytes(path), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new ServerException("cannot read " + path, e);
        }
    }

    /** Its last lines, indented, for the message of a failure. */
    String quote() {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            long from = Math.max(0, file.length() - QUOTED_BYTES);
            byte[] end = new byte[(int) (file.length() - from)];
            file.seek(from);
            file.readFully(end);
            List<String> lines = new String(end, StandardCharsets.UTF_8).lines().toList();
            return lines.isEmpty()
                    ? " (it wrote nothing)"
                    : lines.stream()
                            .skip(Math.max(0, lines.size() - QUOTED_LINES))
                            .map(line -> "\n    " + line)
                            .collect(Collectors.joining("", "; its last lines:", ""));
        } catch (IOException e) {
            return " (its output cannot be read: " + e.getMessage() + ")";
        }
    }
}
