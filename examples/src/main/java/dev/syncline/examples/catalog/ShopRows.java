package dev.syncline.examples.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The rows of articles, within one transaction and on its thread. The same call again changes nothing. */
final class ShopRows implements AutoCloseable {

    private final Categories categories;
    private final PreparedStatement mergeArticle;
    private final PreparedStatement deleteArticle;
    private final PreparedStatement deleteProperties;
    private final PreparedStatement insertProperty;

    ShopRows(Connection connection, Categories categories) throws SQLException {
        this.categories = categories;
        // Left to the connection to close if the next one cannot be prepared.
        mergeArticle = connection.prepareStatement(
                "merge into article (article_no, revision, name, long_text, price_eur,"
                        + " weight_kg, category_id, available, buyable) key (article_no) values (?, ?, ?, ?, ?, ?, ?, ?, ?)");
        deleteArticle = connection.prepareStatement("delete from article where article_no = ?");
        deleteProperties = connection.prepareStatement("delete from article_property where article_no = ?");
        insertProperty =
                connection.prepareStatement("insert into article_property (article_no, name, text) values (?, ?, ?)");
    }

    /** The article is as given from now on, whether it was there or not. */
    void put(ShopItem item) throws SQLException {
        mergeArticle.setString(1, item.articleNo());
        mergeArticle.setLong(2, item.revision());
        mergeArticle.setString(3, item.name());
        mergeArticle.setString(4, item.longText());
        mergeArticle.setBigDecimal(5, item.price());
        mergeArticle.setBigDecimal(6, item.weightKg());
        mergeArticle.setLong(7, categories.id(item.categoryPath()));
        mergeArticle.setInt(8, item.available());
        mergeArticle.setBoolean(9, item.buyable());
        mergeArticle.executeUpdate();

        deleteProperties.setString(1, item.articleNo());
        deleteProperties.executeUpdate();
        for (var property : item.properties().entrySet()) {
            insertProperty.setString(1, item.articleNo());
            insertProperty.setString(2, property.getKey());
            insertProperty.setString(3, property.getValue());
            insertProperty.addBatch();
        }
        insertProperty.executeBatch();
    }

    /** The article is not there from now on, whether it was or not; its properties go with it (on delete cascade). */
    void remove(String articleNo) throws SQLException {
        deleteArticle.setString(1, articleNo);
        deleteArticle.executeUpdate();
    }

    @Override
    public void close() throws SQLException {
        try (mergeArticle;
                deleteArticle;
                deleteProperties;
                insertProperty) {
            // Closing is all.
        }
    }
}
