package dev.syncline.examples.catalog;

import dev.syncline.api.MapsTo;
import java.math.BigDecimal;
import java.util.List;

/** From the catalogue's model to the shop's, and from its old contract to the new one. */
final class ShopMappers {

    @MapsTo
    Product lift(ProductV1 old) {
        return new Product(
                old.sku(),
                old.revision(),
                old.title(),
                old.description(),
                old.price().movePointRight(2).longValueExact(),
                old.weightGrams(),
                List.of(old.category().split("/")),
                old.stock(),
                old.attributes(),
                old.active());
    }

    @MapsTo
    ShopItem item(Product product) {
        return new ShopItem(
                product.sku(),
                product.revision(),
                product.title(),
                product.description(),
                BigDecimal.valueOf(product.priceCents(), 2),
                BigDecimal.valueOf(product.weightGrams(), 3),
                String.join("/", product.category()),
                product.stock(),
                product.active() && product.stock() > 0,
                product.attributes());
    }
}
