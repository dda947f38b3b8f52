package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ComparisonTest {

    private static final Product PRODUCT = new Product(
            "P-1",
            7,
            "Plain lamp",
            "Good.",
            1_999,
            1_250,
            List.of("Home", "Lighting"),
            3,
            Map.of("colour", "red"),
            true);
    private static final ShopItem ITEM = new ShopItem(
            "P-1",
            7,
            "Plain lamp",
            "Good.",
            new BigDecimal("19.99"),
            new BigDecimal("1.250"),
            "Home/Lighting",
            3,
            true,
            Map.of("colour", "red"));

    @Test
    void equalSystemsAreInSync() {
        var comparison = Comparison.of(Map.of("P-1", PRODUCT), Map.of("P-1", ITEM));

        assertThat(comparison).isEqualTo(new Comparison(0, 0, 0, List.of()));
        assertThat(comparison.isInSync()).isTrue();
    }

    @Test
    void aProductThatTheShopHasNotIsMissing() {
        var comparison = Comparison.of(Map.of("P-1", PRODUCT), Map.of());

        assertThat(comparison).isEqualTo(new Comparison(1, 0, 0, List.of("missing P-1")));
        assertThat(comparison.isInSync()).isFalse();
    }

    @Test
    void anArticleThatTheCatalogueHasNotIsExtra() {
        var comparison = Comparison.of(Map.of(), Map.of("P-1", ITEM));

        assertThat(comparison).isEqualTo(new Comparison(0, 1, 0, List.of("extra P-1 of revision 7")));
        assertThat(comparison.isInSync()).isFalse();
    }

    static Stream<ShopItem> itemsWithOneWrongColumn() {
        var right = List.<Object>of(
                7L,
                "Plain lamp",
                "Good.",
                new BigDecimal("19.99"),
                new BigDecimal("1.250"),
                "Home/Lighting",
                3,
                true,
                Map.of("colour", "red"));
        var wrong = Arrays.<Object>asList(
                6L,
                "Lamp",
                null,
                new BigDecimal("19.98"),
                new BigDecimal("1.251"),
                "Home",
                4,
                false,
                Map.of("colour", "red", "size", "oak"));
        return Stream.iterate(0, column -> column < right.size(), column -> column + 1)
                .map(column -> {
                    var columns = new HashMap<Integer, Object>();
                    for (int index = 0; index < right.size(); index++) {
                        columns.put(index, index == column ? wrong.get(index) : right.get(index));
                    }
                    @SuppressWarnings("unchecked")
                    var properties = (Map<String, String>) columns.get(8);
                    return new ShopItem(
                            "P-1",
                            (long) columns.get(0),
                            (String) columns.get(1),
                            (String) columns.get(2),
                            (BigDecimal) columns.get(3),
                            (BigDecimal) columns.get(4),
                            (String) columns.get(5),
                            (int) columns.get(6),
                            (boolean) columns.get(7),
                            properties);
                });
    }

    @ParameterizedTest
    @MethodSource("itemsWithOneWrongColumn")
    void anArticleThatDiffersInOneColumnIsStale(ShopItem item) {
        var comparison = Comparison.of(Map.of("P-1", PRODUCT), Map.of("P-1", item));

        assertThat(comparison.stale()).isEqualTo(1);
        assertThat(comparison.isInSync()).isFalse();
        assertThat(comparison.differences()).singleElement().asString().startsWith("stale P-1: ");
    }
}
