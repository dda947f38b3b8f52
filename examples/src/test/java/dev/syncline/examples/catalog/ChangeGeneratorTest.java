package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ChangeGeneratorTest {

    private static final int EVENTS = 10_000;

    /** The changes as they come to a catalogue that makes each of them. */
    private static List<CatalogChange> changes(long seed) {
        var generator = new ChangeGenerator(seed);
        var products = new HashMap<String, Product>();
        var changes = new ArrayList<CatalogChange>();
        for (long number = 1; number <= EVENTS; number++) {
            var change = generator.change(number, products.get(generator.skuOf(number)));
            if (change instanceof CatalogChange.Put put) {
                products.put(put.sku(), put.product());
            } else {
                products.remove(change.sku());
            }
            changes.add(change);
        }
        return changes;
    }

    private static String text(CatalogChange change) {
        if (change instanceof CatalogChange.Put put) {
            var product = put.product();
            return String.join(
                    "|",
                    product.sku(),
                    String.valueOf(product.revision()),
                    product.title(),
                    String.valueOf(product.description()),
                    String.valueOf(product.priceCents()),
                    String.valueOf(product.weightGrams()),
                    String.join("/", product.category()),
                    String.valueOf(product.stock()),
                    new TreeMap<>(product.attributes()).toString(),
                    String.valueOf(product.active()));
        }
        return change.sku() + "|" + change.number() + "|gone";
    }

    @Test
    void theSameSeedGivesTheSameRunOnEveryJdk() {
        var run = changes(42).stream().map(ChangeGeneratorTest::text).collect(Collectors.joining("\n"));

        assertThat(changes(42)).isEqualTo(changes(42));
        assertThat(run.hashCode())
                .as("run of seed 42: an interrupted run of an older build would not go on as it began")
                .isEqualTo(-307491489);
    }

    @Test
    void anotherSeedGivesAnotherRun() {
        assertThat(changes(43)).isNotEqualTo(changes(42));
    }

    @Test
    void tenThousandChangesHitTwoThousandProducts() {
        assertThat(changes(42).stream().map(CatalogChange::sku).distinct()).hasSize(2_000);
    }

    @Test
    void aChangeCarriesItsNumberAndHitsTheProductItSays() {
        var generator = new ChangeGenerator(42);
        var changes = changes(42);

        for (int index = 0; index < EVENTS; index++) {
            assertThat(changes.get(index).number()).isEqualTo(index + 1L);
            assertThat(changes.get(index).sku()).isEqualTo(generator.skuOf(index + 1L));
        }
    }

    @Test
    void everyKindOfChangeComesOften() {
        var before = new HashMap<String, Product>();
        var gone = new HashSet<String>();
        Map<String, Integer> kinds = new HashMap<>();
        for (var change : changes(42)) {
            var old = before.get(change.sku());
            String kind;
            if (change instanceof CatalogChange.Put put) {
                kind = old != null ? "update" : gone.contains(change.sku()) ? "re-create" : "create";
                before.put(change.sku(), put.product());
            } else {
                kind = "remove";
                before.remove(change.sku());
                gone.add(change.sku());
            }
            kinds.merge(kind, 1, Integer::sum);
        }

        assertThat(kinds.get("create")).isEqualTo(2_000);
        assertThat(kinds.get("update")).isGreaterThan(6_000);
        assertThat(kinds.get("remove")).isGreaterThan(400);
        assertThat(kinds.get("re-create")).isGreaterThan(300);
        assertThat(gone).hasSizeGreaterThan(200);
        assertThat(before).hasSizeBetween(1_500, 1_999);
    }

    @Test
    void aFewProductsAreHitFarMoreOftenThanTheOthers() {
        var hits = changes(42).stream().collect(Collectors.groupingBy(CatalogChange::sku, Collectors.counting()));
        var sorted = hits.values().stream().sorted(Comparator.reverseOrder()).toList();

        assertThat(sorted.get(0)).isGreaterThan(200);
        assertThat(sorted.stream().limit(200).mapToLong(Long::longValue).sum()).isGreaterThan(EVENTS / 3L);
        assertThat(sorted.get(1_000)).isLessThanOrEqualTo(5);
    }

    @Test
    void aTenthOfTheStatesIsPublishedUnderTheOldContract() {
        var puts =
                changes(42).stream().filter(CatalogChange.Put.class::isInstance).toList();

        assertThat(puts.stream().filter(put -> put.event().dataVersion() == 1).count())
                .isBetween(800L, 1_000L);
        assertThat(puts.stream().filter(put -> put.event().dataVersion() == 2).count())
                .isGreaterThan(8_000L);
    }
}
