package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShopMappersTest {

    static final Product LAMP = new Product(
            "P-1", 7, "Plain lamp", null, 1_999, 1_250, List.of("Home", "Lighting"), 3, Map.of("colour", "red"), true);

    private final ShopMappers mappers = new ShopMappers();

    @Test
    void aProductIsTranslatedToOtherNamesAndUnits() {
        assertThat(mappers.item(LAMP))
                .isEqualTo(new ShopItem(
                        "P-1",
                        7,
                        "Plain lamp",
                        null,
                        new BigDecimal("19.99"),
                        new BigDecimal("1.250"),
                        "Home/Lighting",
                        3,
                        true,
                        Map.of("colour", "red")));
    }

    @Test
    void theOldContractIsLiftedWithoutLoss() {
        assertThat(mappers.lift(ProductV1.of(LAMP))).isEqualTo(LAMP);
    }

    @Test
    void whatIsSoldOutOrInactiveHasNoButton() {
        var soldOut = new Product("P-1", 8, "Plain lamp", null, 1_999, 1_250, List.of("Home"), 0, Map.of(), true);
        var inactive = new Product("P-1", 8, "Plain lamp", null, 1_999, 1_250, List.of("Home"), 5, Map.of(), false);

        assertThat(mappers.item(soldOut).buyable()).isFalse();
        assertThat(mappers.item(inactive).buyable()).isFalse();
    }
}
