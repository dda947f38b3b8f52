package dev.syncline.examples.catalog;

import java.sql.SQLException;
import java.util.Map;
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
                var merge = connection.prepareStatement("merge into category (path, name) key (path) values (?, ?)");
                var select = connection.prepareStatement("select id from category where path = ?")) {
            merge.setString(1, path);
            merge.setString(2, path.substring(path.lastIndexOf('/') + 1));
            merge.executeUpdate();
            select.setString(1, path);
            try (var row = select.executeQuery()) {
                row.next();
                long id = row.getLong("id");
                known.put(path, id);
                return id;
            }
        }
    }
}
