package dev.syncline.examples.catalog;

import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An article as the shop knows it: other names, other units, and no idea of events.
 *
 * @param revision of the catalogue's product that it shows
 * @param longText null if there is none
 * @param price in euros, two decimals
 * @param weightKg in kilograms, three decimals
 * @param categoryPath joined by slashes; a row of its own in the shop
 * @param available how many can be delivered
 * @param buyable whether there is a button
 * @param properties rows of their own in the shop
 */
record ShopItem(
        String articleNo,
        long revision,
        String name,
        @Nullable String longText,
        BigDecimal price,
        BigDecimal weightKg,
        String categoryPath,
        int available,
        boolean buyable,
        Map<String, String> properties) {

    ShopItem {
        properties = Map.copyOf(properties);
    }
}
