package dev.syncline.examples.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * An embedded HSQLDB database in files of one directory, whose commits survive the death of the process. Thread-safe.
 */
final class Database implements AutoCloseable {

    /**
     * An acknowledged event never comes again, so a target must have what it said it has: a commit is on the disk before it
     * is answered. The lock file, which a killed process leaves behind, is not needed: the data directory is ours.
     */
    private static final String SURVIVES_A_KILL = ";hsqldb.write_delay=false;hsqldb.lock_file=false;hsqldb.tx=mvcc";

    /** Kept, since loggers that nobody holds forget their level. */
    private static final Logger ENGINE = Logger.getLogger("hsqldb.db");

    static {
        System.setProperty("hsqldb.reconfig_logging", "false");
        ENGINE.setLevel(Level.WARNING);
    }

    private final String url;

    private Database(String url) {
        this.url = url;
    }

    /**
     * Opens or makes the database.
     *
     * @param file without the suffixes that HSQLDB adds
     * @param schema a resource beside this class; its statements do no harm the second time
     */
    static Database open(Path file, String schema) throws SQLException {
        var database = new Database("jdbc:hsqldb:file:" + file.toAbsolutePath() + SURVIVES_A_KILL);
        try (var connection = database.connection();
                var statement = connection.createStatement()) {
            for (var sql : read(schema).split(";\\s*", 0)) {
                statement.execute(sql);
            }
        } catch (SQLException failed) {
            database.close();
            throw failed;
        }
        return database;
    }

    /** A connection of the caller's own, until it closes it. */
    Connection connection() throws SQLException {
        return DriverManager.getConnection(url, "SA", "");
    }

    /** Does all of the work in one transaction, or nothing of it. */
    void transaction(Work work) throws SQLException {
        try (var connection = connection()) {
            connection.setAutoCommit(false);
            try {
                work.on(connection);
                connection.commit();
            } catch (SQLException | RuntimeException failed) {
                connection.rollback();
                throw failed;
            }
        }
    }

    @Override
    public void close() {
        try (var connection = connection();
                var statement = connection.createStatement()) {
            statement.execute("shutdown");
        } catch (SQLException failed) {
            ENGINE.log(Level.WARNING, "the database was not shut down; it will recover when it is opened", failed);
        }
    }

    private static String read(String resource) {
        try (var in = Objects.requireNonNull(Database.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** What is done on a connection. */
    @FunctionalInterface
    interface Work {
        void on(Connection connection) throws SQLException;
    }
}
