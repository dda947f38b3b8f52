package dev.syncline.examples.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import org.h2.jdbcx.JdbcConnectionPool;

/** An embedded H2 database in one file, whose commits survive the death of the process. Thread-safe. */
final class Database implements AutoCloseable {

    /**
     * An acknowledged event never comes again, so a target must have what it said it has. With its defaults H2 has not:
     *
     * <ul>
     *   <li>It writes a commit half a second late; with a delay of 0, before it answers.
     *   <li>It reuses space that a later commit has freed, and when it recovers from a kill it may then fall back to a state
     *       some commits old (about one kill in thirty, H2 2.5.252). Space freed within the last day is left alone here.
     * </ul>
     *
     * Smaller pages, since every commit writes the pages that it touches anew.
     */
    private static final String SURVIVES_A_KILL = ";WRITE_DELAY=0;RETENTION_TIME=86400000;PAGE_SIZE=2048";

    private final JdbcConnectionPool connections;

    private Database(JdbcConnectionPool connections) {
        this.connections = connections;
    }

    /**
     * Opens or makes the database.
     *
     * @param file without the suffix that H2 adds
     * @param schema a resource beside this class; its statements do no harm the second time
     */
    static Database open(Path file, String schema) throws SQLException {
        var url = "jdbc:h2:file:" + file.toAbsolutePath() + SURVIVES_A_KILL + ";DB_CLOSE_ON_EXIT=FALSE";
        var connections = JdbcConnectionPool.create(url, "sa", "");
        try (var connection = connections.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(read(schema));
        } catch (SQLException failed) {
            connections.dispose();
            throw failed;
        }
        return new Database(connections);
    }

    /** A connection of the caller's own, until it closes it. */
    Connection connection() throws SQLException {
        return connections.getConnection();
    }

    /** Does all of the work in one transaction, or nothing of it. */
    void transaction(Work work) throws SQLException {
        try (var connection = connections.getConnection()) {
            connection.setAutoCommit(false);
            try {
                work.on(connection);
                connection.commit();
            } catch (SQLException | RuntimeException failed) {
                connection.rollback();
                throw failed;
            } finally {
                connection.setAutoCommit(true);
            }
        }
    }

    @Override
    public void close() {
        connections.dispose();
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
