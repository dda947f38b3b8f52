package dev.syncline.examples.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;
import java.util.UUID;

/**
 * What a data directory was begun with, and goes on with after every start.
 *
 * @param id part of the names of application and topic, so that no run meets what another has left on a broker
 * @param seed of the changes
 * @param broker where they are published, without user and password
 */
record Run(String id, long seed, String broker) {

    private static final String FILE = "run.properties";

    /**
     * The run of this directory, begun now if there was none.
     *
     * @throws UsageException if it was begun with another seed or broker
     */
    static Run of(Path directory, long seed, String broker) throws IOException {
        var file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            new Run(UUID.randomUUID().toString().substring(0, 8), seed, broker).write(file);
        }
        var run = read(file);
        if (run.seed != seed || !run.broker.equals(broker)) {
            throw new UsageException("this --data was begun with --seed " + run.seed + " and --broker " + run.broker
                    + "; go on with these, or take another directory");
        }
        return run;
    }

    private void write(Path file) throws IOException {
        var properties = new Properties();
        properties.setProperty("id", id);
        properties.setProperty("seed", Long.toString(seed));
        properties.setProperty("broker", broker);
        // Under its name only when it is whole: the process may be killed at any point.
        var draft = file.resolveSibling(FILE + ".new");
        try (var out = Files.newBufferedWriter(draft)) {
            properties.store(out, "catalog-sync");
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Run read(Path file) throws IOException {
        var properties = new Properties();
        try (var in = Files.newBufferedReader(file)) {
            properties.load(in);
        }
        return new Run(
                properties.getProperty("id"),
                Long.parseLong(properties.getProperty("seed")),
                properties.getProperty("broker"));
    }
}
