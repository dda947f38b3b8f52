package dev.syncline.examples.catalog;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A product as the catalogue knows it, and what is published whenever it changes.
 *
 * @param revision number of the change that made this state; grows over removals too, so a product that comes back never
 *     looks older than the one that went
 * @param description null while nobody has written one
 * @param priceCents in euro cents
 * @param category from the root down, not empty
 * @param attributes such as colour and material
 * @param active whether it may be sold
 */
@EventType(value = Product.CHANGED, version = 2)
record Product(
        @EventKey String sku,
        @EntityVersion long revision,
        String title,
        @Nullable String description,
        long priceCents,
        int weightGrams,
        List<String> category,
        int stock,
        Map<String, String> attributes,
        boolean active) {

    /** All that is said about products: one topic, so that the changes of a product keep their order. */
    static final String EVENTS = "catalog.product.*";

    /** A product is new or has changed. */
    static final String CHANGED = "catalog.product.changed";

    /** A product is gone; no payload. */
    static final String REMOVED = "catalog.product.removed";

    Product {
        category = List.copyOf(category);
        attributes = Map.copyOf(attributes);
    }
}
