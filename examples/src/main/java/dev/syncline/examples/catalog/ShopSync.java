package dev.syncline.examples.catalog;

import dev.syncline.api.Change;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps the shop in step with the catalogue. One method for both types and as many events as there are, since a commit of
 * the shop costs more than a row. Where that does not matter, two methods of one class read better:
 *
 * <pre>{@code
 * @OnEvent(Product.CHANGED) void put(ShopItem item)         { … }
 * @OnEvent(Product.REMOVED) void remove(Event<?> event)     { … }
 * }</pre>
 *
 * <p>It compares no revisions and remembers nothing: it trusts the order per key. After a crash the events that were not
 * acknowledged come again, from some event of an article up to its newest, so the shop may show an older state for a
 * moment and ends with the right one.
 */
@SyncHandler(value = "shop", idempotent = true)
final class ShopSync {

    private final Shop shop;
    private final AtomicLong applied = new AtomicLong();

    ShopSync(Shop shop) {
        this.shop = shop;
    }

    @OnEvent(Product.EVENTS)
    void apply(List<Change<ShopItem>> changes) throws SQLException {
        shop.transaction(rows -> {
            for (var change : changes) {
                if (change instanceof Change.Upsert<ShopItem> upsert) {
                    rows.put(upsert.value());
                } else {
                    rows.remove(change.key());
                }
            }
        });
        applied.addAndGet(changes.size());
    }

    /** Events applied since this process started, repeated ones included; any thread. */
    long applied() {
        return applied.get();
    }
}
