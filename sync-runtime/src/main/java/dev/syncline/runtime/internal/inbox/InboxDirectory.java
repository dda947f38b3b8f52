package dev.syncline.runtime.internal.inbox;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.table.MappedTable;
import dev.syncline.runtime.internal.table.TableAlarms;
import dev.syncline.runtime.internal.table.TableUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;

/**
 * Where inbox and guard of each handler are: {@code inbox/<handler>/<use>-<shard>.table} in the data directory.
 *
 * <p>Threading: any; the data directory is held by this instance.
 */
public final class InboxDirectory implements InboxTables {

    /** No handler's id has a dot. */
    private static final String FORGOTTEN = ".forgotten";

    private final Path root;
    private final MarkFile marks;

    /**
     * Of a data directory.
     *
     * @param data held by a {@code DirectoryLock}
     */
    public InboxDirectory(Path data) {
        this.root = data.resolve("inbox");
        this.marks = new MarkFile(data.resolve("outbox.marks"));
    }

    @Override
    public List<String> handlers() {
        try (var directories = Files.list(root)) {
            return directories
                    .filter(Files::isDirectory)
                    .map(directory -> directory.getFileName().toString())
                    .filter(name -> !name.endsWith(FORGOTTEN))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException failure) {
            throw failed("read", root, failure);
        }
    }

    @Override
    public MarkProgress progress() {
        return marks.load();
    }

    @Override
    public void save(MarkProgress progress) {
        marks.save(progress);
    }

    @Override
    public void forget(String handler) {
        var directory = root.resolve(handler);
        var forgotten = root.resolve(handler + FORGOTTEN);
        try {
            delete(forgotten); // of a time before, cut short
            if (Files.exists(directory)) {
                Files.move(directory, forgotten, StandardCopyOption.ATOMIC_MOVE);
                delete(forgotten);
            }
        } catch (IOException failure) {
            throw failed("delete", directory, failure);
        }
    }

    @Override
    public MappedTable[] open(String handler, TableUse use, TableAlarms alarms) {
        var tables = new MappedTable[Shards.COUNT];
        for (int shard = 0; shard < tables.length; shard++) {
            var name = String.format("%s-%02x.table", use.name(), shard);
            tables[shard] = MappedTable.open(root.resolve(handler).resolve(name), use, alarms);
        }
        return tables;
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static OutboxException failed(String what, Path path, IOException failure) {
        return new OutboxException("cannot " + what + " directory " + path + ": " + failure, failure);
    }
}
