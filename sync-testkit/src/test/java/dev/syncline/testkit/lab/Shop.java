package dev.syncline.testkit.lab;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A shop that follows products, and refuses what it is told to refuse. */
@SyncHandler("shop")
final class Shop {

    @EventType("catalog.product.changed")
    record Product(@EventKey String sku, @EntityVersion long revision, String title) {}

    final Map<String, Product> items = new LinkedHashMap<>();
    final List<String> log = new ArrayList<>();
    Predicate<Product> isAway = product -> false;
    Predicate<Product> isWrong = product -> false;

    @OnEvent("catalog.product.changed")
    Outcome put(Product product) {
        if (isAway.test(product)) {
            throw new IllegalStateException("the shop is away");
        }
        if (isWrong.test(product)) {
            return Outcome.reject("no such shelf");
        }
        items.put(product.sku(), product);
        log.add(product.sku() + " " + product.revision());
        return Outcome.done();
    }

    @OnEvent("catalog.product.removed")
    void remove(Event<?> event) {
        items.remove(event.key());
        log.add(event.key() + " removed");
    }

    static Event<?> removal(String sku, long revision) {
        return Event.delete("catalog.product.removed", sku).withVersion(revision);
    }
}
