package dev.syncline.examples.catalog;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * The target system: articles, with their categories and properties in tables of their own.
 *
 * <p>Threading: any thread; transactions that touch one article must come one after the other, which the handler's order
 * per key gives.
 */
final class Shop implements AutoCloseable {

    private final Database database;
    private final Categories categories;

    private Shop(Database database) {
        this.database = database;
        this.categories = new Categories(database);
    }

    /** Opens the shop in this directory, or makes an empty one. */
    static Shop open(Path directory) throws SQLException {
        return new Shop(Database.open(directory.resolve("shop"), "shop.sql"));
    }

    /** Does all of the work or nothing of it, and has it for good when this returns. */
    void transaction(Work work) throws SQLException {
        database.transaction(connection -> {
            try (var rows = new ShopRows(connection, categories)) {
                work.on(rows);
            }
        });
    }

    /** All articles by number. */
    Map<String, ShopItem> items() throws SQLException {
        try (var connection = database.connection();
                var statement = connection.createStatement()) {
            var properties = new HashMap<String, Map<String, String>>();
            try (var row = statement.executeQuery("select * from article_property")) {
                while (row.next()) {
                    properties
                            .computeIfAbsent(row.getString("article_no"), articleNo -> new HashMap<>())
                            .put(row.getString("name"), row.getString("text"));
                }
            }
            var items = new HashMap<String, ShopItem>();
            try (var row = statement.executeQuery("select article.*, category.path from article"
                    + " join category on category.id = article.category_id")) {
                while (row.next()) {
                    var articleNo = row.getString("article_no");
                    items.put(articleNo, item(row, properties.getOrDefault(articleNo, Map.of())));
                }
            }
            return items;
        }
    }

    @Override
    public void close() {
        database.close();
    }

    private static ShopItem item(ResultSet row, Map<String, String> properties) throws SQLException {
        return new ShopItem(
                row.getString("article_no"),
                row.getLong("revision"),
                row.getString("name"),
                row.getString("long_text"),
                row.getBigDecimal("price_eur"),
                row.getBigDecimal("weight_kg"),
                row.getString("path"),
                row.getInt("available"),
                row.getBoolean("buyable"),
                properties);
    }

    /** What is done in a transaction. */
    @FunctionalInterface
    interface Work {
        void on(ShopRows rows) throws SQLException;
    }
}
