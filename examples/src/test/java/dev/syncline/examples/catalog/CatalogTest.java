package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogTest {

    private static final ChangeGenerator CHANGES = new ChangeGenerator(42);

    @TempDir
    Path directory;

    @Test
    void anEmptyCatalogueHasNoLastChange() throws Exception {
        try (var catalog = Catalog.open(directory, CHANGES)) {
            assertThat(catalog.last()).isNull();
            assertThat(catalog.lastNumber()).isZero();
            assertThat(catalog.products()).isEmpty();
        }
    }

    @Test
    void theProductsAreWhatTheChangesMadeOfThem() throws Exception {
        Map<String, Product> expected = new HashMap<>();
        try (var catalog = Catalog.open(directory, CHANGES)) {
            for (int number = 1; number <= 500; number++) {
                var change = catalog.change();
                assertThat(change.number()).isEqualTo(number);
                assertThat(change).isEqualTo(catalog.last());
                if (change instanceof CatalogChange.Put put) {
                    expected.put(change.sku(), put.product());
                } else {
                    expected.remove(change.sku());
                }
            }
            assertThat(catalog.products()).isEqualTo(expected);
        }
    }

    @Test
    void openedAgainItIsAsItWas() throws Exception {
        Map<String, Product> products;
        CatalogChange last;
        try (var catalog = Catalog.open(directory, CHANGES)) {
            for (int number = 1; number <= 500; number++) {
                catalog.change();
            }
            products = catalog.products();
            last = catalog.last();
        }
        try (var catalog = Catalog.open(directory, CHANGES)) {
            assertThat(catalog.products()).isEqualTo(products);
            assertThat(catalog.last()).isEqualTo(last);
            assertThat(catalog.change().number()).isEqualTo(501);
        }
    }
}
