package dev.syncline.examples.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The rows of articles, within one transaction and on its thread. The same call again changes nothing. */
final class ShopRows implements AutoCloseable {

    private final Categories categories;
    private final PreparedStatement updateArticle;
    private final PreparedStatement insertArticle;
    private final PreparedStatement deleteArticle;
    private final PreparedStatement deleteProperties;
    private final PreparedStatement insertProperty;

    ShopRows(Connection connection, Categories categories) throws SQLException {
        this.categories = categories;
        // Left to the connection to close if the next one cannot be prepared.
        updateArticle = connection.prepareStatement(
                "update article set revision = ?, name = ?, long_text = ?, price_eur = ?, weight_kg = ?,"
                        + " category_id = ?, available = ?, buyable = ? where article_no = ?");
        insertArticle =
                connection.prepareStatement("insert into article (revision, name, long_text, price_eur, weight_kg,"
                        + " category_id, available, buyable, article_no) values (?, ?, ?, ?, ?, ?, ?, ?, ?)");
        deleteArticle = connection.prepareStatement("delete from article where article_no = ?");
        deleteProperties = connection.prepareStatement("delete from article_property where article_no = ?");
        insertProperty =
                connection.prepareStatement("insert into article_property (article_no, name, text) values (?, ?, ?)");
    }

    /** The article is as given from now on, whether it was there or not. */
    void put(ShopItem item) throws SQLException {
        if (write(updateArticle, item) == 0) {
            write(insertArticle, item);
        }
        deleteProperties.setString(1, item.articleNo());
        deleteProperties.executeUpdate();
        for (var property : item.properties().entrySet()) {
            insertProperty.setString(1, item.articleNo());
            insertProperty.setString(2, property.getKey());
            insertProperty.setString(3, property.getValue());
            insertProperty.executeUpdate();
        }
    }

    private int write(PreparedStatement article, ShopItem item) throws SQLException {
        article.setLong(1, item.revision());
        article.setString(2, item.name());
        article.setString(3, item.longText());
        article.setBigDecimal(4, item.price());
        article.setBigDecimal(5, item.weightKg());
        article.setLong(6, categories.id(item.categoryPath()));
        article.setInt(7, item.available());
        article.setBoolean(8, item.buyable());
        article.setString(9, item.articleNo());
        return article.executeUpdate();
    }

    /** The article is not there from now on, whether it was or not; its properties go with it (on delete cascade). */
    void remove(String articleNo) throws SQLException {
        deleteArticle.setString(1, articleNo);
        deleteArticle.executeUpdate();
    }

    @Override
    public void close() throws SQLException {
        try (updateArticle;
                insertArticle;
                deleteArticle;
                deleteProperties;
                insertProperty) {
            // Closing is all.
        }
    }
}
