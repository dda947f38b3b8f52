package dev.syncline.testkit.kill;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * An application with a durable queue in a file and a position in another, as small as one can be that keeps its promises, or
 * breaks one of them as it is told to.
 *
 * <p>Arguments: a directory, what to do wrong, the number of the life.
 */
final class LedgerMain {

    /** How the application goes wrong. */
    enum Way {
        /** Not at all. */
        NONE,
        /** Moves its position before it handles. */
        FORGETS,
        /** Moves its position only now and then. */
        REPEATS,
        /** Handles some events from the back. */
        REORDERS,
        /** Handles what nobody published. */
        INVENTS
    }

    private static final int STEP = 20;

    private final Journal journal = Journal.open();
    private final Path queue;
    private final RandomAccessFile position;
    private final Way way;
    private final int life;
    private int published;

    private LedgerMain(Path directory, Way way, int life) throws IOException {
        this.queue = directory.resolve("queue");
        this.position = new RandomAccessFile(directory.resolve("position").toFile(), "rw");
        this.way = way;
        this.life = life;
    }

    public static void main(String[] args) throws IOException {
        new LedgerMain(Path.of(args[0]), Way.valueOf(args[1]), Integer.parseInt(args[2])).run();
    }

    private void run() throws IOException {
        cutOffHalfALine();
        if (way == Way.INVENTS) {
            handle("nobodys");
        }
        while (!journal.isLastLife()) {
            publish();
            handleAll();
        }
        handleAll();
        journal.atRest();
    }

    /** What a kill in the midst of a write has left: nobody was told that it was taken. */
    private void cutOffHalfALine() throws IOException {
        try (var file = new RandomAccessFile(queue.toFile(), "rw")) {
            var text = Files.readString(queue, StandardCharsets.US_ASCII);
            file.setLength(text.lastIndexOf('\n') + 1L);
        }
    }

    private void publish() throws IOException {
        var lines = new StringBuilder();
        for (int i = 0; i < STEP; i++) {
            String id = life + "-" + ++published;
            journal.intent(id, "k" + i % 2, life * 1_000_000L + published);
            lines.append(id).append('\n');
        }
        try (var file = new RandomAccessFile(queue.toFile(), "rw")) {
            file.seek(file.length());
            file.write(lines.toString().getBytes(StandardCharsets.UTF_8));
        }
        lines.toString().lines().forEach(journal::accepted);
    }

    private void handleAll() throws IOException {
        List<String> all = Files.exists(queue) ? Files.readAllLines(queue) : List.of();
        int from = position.length() == 0 ? 0 : readPosition();
        if (way == Way.FORGETS) {
            writePosition(all.size());
        }
        for (int i = from; i < all.size(); i++) {
            handle(all.get(way == Way.REORDERS ? all.size() - 1 - (i - from) : i));
            if (way == Way.NONE || way == Way.REORDERS) {
                writePosition(i + 1);
            }
        }
        writePosition(all.size());
    }

    private void handle(String id) {
        try (var run = journal.run("ledger", id)) {
            run.effect();
            LockSupport.parkNanos(200_000);
        }
    }

    private int readPosition() throws IOException {
        position.seek(0);
        return position.readInt();
    }

    private void writePosition(int number) throws IOException {
        position.seek(0);
        position.write(ByteBuffer.allocate(Integer.BYTES).putInt(number).array()); // in one write, or a kill tears it
    }
}
