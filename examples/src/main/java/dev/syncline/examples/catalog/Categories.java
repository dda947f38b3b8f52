package dev.syncline.examples.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** The shop's categories: made when the first article asks for one, and never removed. Thread-safe. */
final class Categories {

    private final Database database;
    private final Map<String, Long> known = new ConcurrentHashMap<>();

    Categories(Database database) {
        this.database = database;
    }

    /** The id of a category, which is there from now on. */
    long id(String path) throws SQLException {
        var id = known.get(path);
        return id != null ? id : findOrMake(path);
    }

    /** One at a time, and not in the article's transaction: two lanes may bring the first articles of one category. */
    private synchronized long findOrMake(String path) throws SQLException {
        try (var connection = database.connection();
                var select = connection.prepareStatement("select id from category where path = ?")) {
            select.setString(1, path);
            var found = id(select);
            if (found.isEmpty()) {
                make(connection, path);
                found = id(select);
            }
            long id = found.getAsLong();
            known.put(path, id);
            return id;
        }
    }

    private static OptionalLong id(PreparedStatement select) throws SQLException {
        try (var row = select.executeQuery()) {
            return row.next() ? OptionalLong.of(row.getLong("id")) : OptionalLong.empty();
        }
    }

    private static void make(Connection connection, String path) throws SQLException {
        try (var insert = connection.prepareStatement("insert into category (path, name) values (?, ?)")) {
            insert.setString(1, path);
            insert.setString(2, path.substring(path.lastIndexOf('/') + 1));
            insert.executeUpdate();
        }
    }
}
