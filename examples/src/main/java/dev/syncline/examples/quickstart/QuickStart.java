package dev.syncline.examples.quickstart;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.MapsTo;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The README's quick start: a product changes, and the shop follows. */
public final class QuickStart {

    // quoted in README.md from here
    @EventType("catalog.product.changed")
    record Product(@EventKey String sku, @EntityVersion long revision, String title, BigDecimal price) {}

    record ShopItem(String sku, String name, long cents) {}

    static final class ShopMappers {
        @MapsTo
        ShopItem item(Product p) {
            return new ShopItem(p.sku(), p.title(), p.price().movePointRight(2).longValueExact());
        }
    }

    @SyncHandler("shop") // one class: put and remove of a product never overtake each other
    static final class ShopSync {
        private final Map<String, ShopItem> shop = new ConcurrentHashMap<>();

        @OnEvent("catalog.product.changed")
        void put(ShopItem item) {
            shop.put(item.sku(), item);
        }

        @OnEvent("catalog.product.removed")
        void remove(Event<?> event) {
            shop.remove(event.key());
        }

        Map<String, ShopItem> shop() {
            return shop;
        }
    }
    // to here

    private QuickStart() {}

    /** Publishes a product and its removal, and ends when the shop has followed. */
    public static void main(String... args) {
        var handler = new ShopSync();
        var directory = Path.of(args.length > 0 ? args[0] : "syncline-data/shop");
        try (Sync sync = Sync.builder("shop")
                .broker("local:") // or kafka://localhost:9092, redis://localhost:6379
                .dataDirectory(directory)
                .handlers(handler)
                .mappers(new ShopMappers())
                .start()) {
            sync.publisher().publish(new Product("A-1", 7, "Lamp", new BigDecimal("20.00")));
            sync.publisher().publish(new Product("B-2", 1, "Desk", new BigDecimal("340.50")));
            sync.publisher()
                    .publish(Event.delete("catalog.product.removed", "A-1").withVersion(8));
            sync.awaitQuiet(Duration.ofSeconds(10)); // a listener calls awaitClose() instead
        }
        System.out.println("the shop has " + handler.shop().values());
    }
}
