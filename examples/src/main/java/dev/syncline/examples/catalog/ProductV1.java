package dev.syncline.examples.catalog;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The contract of last year, which a part of the catalogue's nodes still publishes: the price in euros, the category as
 * one text. {@link ShopMappers#lift} turns it into {@link Product}; nothing behind it knows that it exists.
 *
 * @param price in euros
 * @param category the path, joined by slashes
 */
@EventType(value = Product.CHANGED, version = 1)
record ProductV1(
        @EventKey String sku,
        @EntityVersion long revision,
        String title,
        @Nullable String description,
        BigDecimal price,
        int weightGrams,
        String category,
        int stock,
        Map<String, String> attributes,
        boolean active) {

    ProductV1 {
        attributes = Map.copyOf(attributes);
    }

    /** As a node of last year would publish the product. */
    static ProductV1 of(Product product) {
        return new ProductV1(
                product.sku(),
                product.revision(),
                product.title(),
                product.description(),
                BigDecimal.valueOf(product.priceCents(), 2),
                product.weightGrams(),
                String.join("/", product.category()),
                product.stock(),
                product.attributes(),
                product.active());
    }
}
