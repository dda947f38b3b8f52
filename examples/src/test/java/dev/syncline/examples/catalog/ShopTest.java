package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShopTest {

    @TempDir
    Path directory;

    private static ShopItem item(String articleNo, long revision, String category, Map<String, String> properties) {
        return new ShopItem(
                articleNo,
                revision,
                "Lamp",
                null,
                new BigDecimal("19.99"),
                new BigDecimal("1.250"),
                category,
                3,
                true,
                properties);
    }

    @Test
    void anArticleIsReadAsItWasPut() throws Exception {
        var lamp = item("P-1", 7, "Home/Lighting", Map.of("colour", "red"));
        try (var shop = Shop.open(directory)) {
            shop.transaction(rows -> rows.put(lamp));

            assertThat(shop.items()).isEqualTo(Map.of("P-1", lamp));
        }
    }

    @Test
    void aLaterPutReplacesAllOfTheArticle() throws Exception {
        var later = item("P-1", 8, "Clearance", Map.of("size", "oak"));
        try (var shop = Shop.open(directory)) {
            shop.transaction(rows -> rows.put(item("P-1", 7, "Home/Lighting", Map.of("colour", "red"))));
            shop.transaction(rows -> rows.put(later));

            assertThat(shop.items()).isEqualTo(Map.of("P-1", later));
        }
    }

    @Test
    void theSameCallAgainChangesNothing() throws Exception {
        var lamp = item("P-1", 7, "Home", Map.of("colour", "red"));
        try (var shop = Shop.open(directory)) {
            shop.transaction(rows -> rows.put(lamp));
            shop.transaction(rows -> rows.put(lamp));
            assertThat(shop.items()).isEqualTo(Map.of("P-1", lamp));

            shop.transaction(rows -> rows.remove("P-1"));
            shop.transaction(rows -> rows.remove("P-1"));
            assertThat(shop.items()).isEmpty();
        }
    }

    @Test
    void anArticleThatComesBackHasNoneOfItsOldProperties() throws Exception {
        var again = item("P-1", 9, "Home", Map.of());
        try (var shop = Shop.open(directory)) {
            shop.transaction(rows -> rows.put(item("P-1", 7, "Home", Map.of("colour", "red"))));
            shop.transaction(rows -> rows.remove("P-1"));
            shop.transaction(rows -> rows.put(again));

            assertThat(shop.items()).isEqualTo(Map.of("P-1", again));
        }
    }

    @Test
    void articlesOfOneNewCategoryMayComeAtOnce() throws Exception {
        try (var shop = Shop.open(directory)) {
            var lanes = Executors.newFixedThreadPool(8);
            var together = new CountDownLatch(1);
            var puts = new ArrayList<Callable<Void>>();
            for (int number = 0; number < 8; number++) {
                var item = item("P-" + number, 1, "Home/Lighting", Map.of());
                puts.add(() -> {
                    together.await();
                    shop.transaction(rows -> rows.put(item));
                    return null;
                });
            }
            var results = puts.stream().map(lanes::submit).toList();
            together.countDown();
            for (var result : results) {
                result.get();
            }
            lanes.shutdown();

            assertThat(shop.items()).hasSize(8);
            assertThat(shop.items().values())
                    .allMatch(item -> item.categoryPath().equals("Home/Lighting"));
        }
    }

    @Test
    void whatWasPutIsThereAfterItWasOpenedAgain() throws Exception {
        var lamp = item("P-1", 7, "Home/Lighting", Map.of("colour", "red"));
        try (var shop = Shop.open(directory)) {
            shop.transaction(rows -> rows.put(lamp));
        }
        try (var shop = Shop.open(directory)) {
            assertThat(shop.items()).isEqualTo(Map.of("P-1", lamp));
            shop.transaction(rows -> rows.put(item("P-2", 8, "Home/Lighting", Map.of())));
            assertThat(shop.items()).hasSize(2);
        }
    }

    @Test
    void aTransactionThatFailsLeavesNothing() throws Exception {
        try (var shop = Shop.open(directory)) {
            assertThatThrownBy(() -> shop.transaction(rows -> {
                        rows.put(item("P-1", 7, "Home", Map.of("colour", "red")));
                        throw new Killed();
                    }))
                    .isInstanceOf(Killed.class);

            assertThat(shop.items()).isEmpty();
        }
    }
}
