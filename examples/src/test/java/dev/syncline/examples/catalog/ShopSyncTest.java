package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Change;
import dev.syncline.api.Event;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What at-least-once with order per key is enough for, and that the comparison sees when it is not kept. */
class ShopSyncTest {

    private static final int EVENTS = 1_000;

    @TempDir
    Path directory;

    private final RecordingPublisher publisher = new RecordingPublisher();
    private final ShopMappers mappers = new ShopMappers();
    private Map<String, Product> products;
    private Shop shop;
    private ShopSync handler;

    @BeforeEach
    void feed() throws Exception {
        try (var catalog = Catalog.open(directory, new ChangeGenerator(42))) {
            new Feed(catalog, publisher, EVENTS, 0).run();
            products = catalog.products();
        }
        shop = Shop.open(directory);
        handler = new ShopSync(shop);
    }

    @AfterEach
    void close() {
        shop.close();
    }

    /** In batches as a lane makes them: a few events, each key at most once. */
    private void deliver(List<Event<?>> events) throws Exception {
        var batch = new LinkedHashMap<String, Change<ShopItem>>();
        for (var event : events) {
            if (batch.size() == 20 || batch.containsKey(event.key())) {
                handler.apply(List.copyOf(batch.values()));
                batch.clear();
            }
            batch.put(event.key(), change(event));
        }
        handler.apply(List.copyOf(batch.values()));
    }

    private Change<ShopItem> change(Event<?> event) {
        if (event.isDelete()) {
            return Change.delete(event.key());
        }
        var product = event.payload() instanceof ProductV1 old ? mappers.lift(old) : (Product) event.payload();
        return Change.upsert(mappers.item(product));
    }

    private Comparison compare() throws Exception {
        return Comparison.of(products, shop.items());
    }

    @Test
    void inOrderTheShopEndsEqual() throws Exception {
        deliver(publisher.events);

        assertThat(compare()).isEqualTo(new Comparison(0, 0, 0, List.of()));
        assertThat(handler.applied()).isEqualTo(EVENTS);
    }

    @Test
    void aSuffixThatComesAgainEndsEqual() throws Exception {
        deliver(publisher.events.subList(0, 700));
        deliver(publisher.events.subList(500, 900));
        deliver(publisher.events.subList(100, EVENTS));

        assertThat(compare().isInSync()).isTrue();
    }

    @Test
    void anOlderStateBehindTheNewestIsSeenAsStale() throws Exception {
        deliver(publisher.events);
        var product = products.values().stream()
                .filter(p -> p.sku().equals("P-000001"))
                .findFirst()
                .orElseThrow();
        var older = publisher.events.stream()
                .filter(event -> event.key().equals(product.sku()) && !event.isDelete())
                .findFirst()
                .orElseThrow();

        deliver(List.of(older));

        assertThat(compare().stale()).isEqualTo(1);
    }

    @Test
    void aLostEventIsSeen() throws Exception {
        var newest = publisher.events.get(EVENTS - 1);
        deliver(publisher.events.subList(0, EVENTS - 1));

        var comparison = compare();

        assertThat(comparison.isInSync()).isFalse();
        assertThat(comparison.differences()).singleElement().asString().contains(newest.key());
    }
}
