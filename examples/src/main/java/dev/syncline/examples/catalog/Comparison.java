package dev.syncline.examples.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What both systems hold, compared row by row and column by column. Written against the two models, not by way of the
 * mapper, whose mistakes it would not see then.
 *
 * @param missing products that the shop has not
 * @param extra articles that the catalogue has not
 * @param stale articles that show something else than their product says
 * @param differences one line each, for people
 */
record Comparison(int missing, int extra, int stale, List<String> differences) {

    Comparison {
        differences = List.copyOf(differences);
    }

    static Comparison of(Map<String, Product> catalog, Map<String, ShopItem> shop) {
        int missing = 0;
        int extra = 0;
        int stale = 0;
        var differences = new ArrayList<String>();
        var numbers = new TreeSet<>(catalog.keySet());
        numbers.addAll(shop.keySet());
        for (var number : numbers) {
            var product = catalog.get(number);
            var item = shop.get(number);
            if (item == null) {
                missing++;
                differences.add("missing " + number);
            } else if (product == null) {
                extra++;
                differences.add("extra " + number + " of revision " + item.revision());
            } else {
                var columns = new Columns();
                columns.compare(product, item);
                if (!columns.different.isEmpty()) {
                    stale++;
                    differences.add("stale " + number + ": " + String.join(", ", columns.different));
                }
            }
        }
        return new Comparison(missing, extra, stale, differences);
    }

    boolean isInSync() {
        return missing == 0 && extra == 0 && stale == 0;
    }

    /** Of one row. */
    private static final class Columns {
        private final List<String> different = new ArrayList<>();

        void compare(Product product, ShopItem item) {
            same("number", product.sku(), item.articleNo());
            same("revision", product.revision(), item.revision());
            same("name", product.title(), item.name());
            same("text", product.description(), item.longText());
            same("cents", product.priceCents(), item.price().movePointRight(2).longValueExact());
            same(
                    "grams",
                    product.weightGrams(),
                    item.weightKg().movePointRight(3).intValueExact());
            same("category", product.category(), List.of(item.categoryPath().split("/")));
            same("stock", product.stock(), item.available());
            same("button", product.active() && product.stock() > 0, item.buyable());
            same("properties", product.attributes(), item.properties());
        }

        private void same(String column, @Nullable Object catalog, @Nullable Object shop) {
            if (!Objects.equals(catalog, shop)) {
                different.add(column + " is " + catalog + " in the catalogue, " + shop + " in the shop");
            }
        }
    }
}
