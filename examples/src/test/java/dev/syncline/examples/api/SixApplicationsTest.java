package dev.syncline.examples.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.Change;
import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Delivery;
import dev.syncline.api.EntityVersion;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventPublisher;
import dev.syncline.api.EventType;
import dev.syncline.api.MapsTo;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.OutcomeException;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.TransactionalStore;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Six applications, as their authors would write them, against the public API alone. That they compile is half the
 * test; the other half is that what is not available yet is refused in words, never ignored.
 */
class SixApplicationsTest {

    record Money(long cents) {}

    static Money eur(double amount) {
        return new Money(Math.round(amount * 100));
    }

    // (a) catalogue -> shop, with an older contract

    @EventType(value = "catalog.product.changed", version = 2)
    record Product(@EventKey String sku, @EntityVersion long revision, String title, Money price) {}

    @EventType(value = "catalog.product.changed", version = 1)
    record ProductV1(@EventKey String sku, @EntityVersion long revision, String title, double price) {}

    record ShopItem(String sku, String title, long cents) {}

    static final class ShopMappers {
        @MapsTo
        Product lift(ProductV1 old) {
            return new Product(old.sku(), old.revision(), old.title(), eur(old.price()));
        }

        @MapsTo
        ShopItem item(Product p) {
            return new ShopItem(p.sku(), p.title(), p.price().cents());
        }
    }

    @SyncHandler("shop")
    static final class ShopSync {
        private final Map<String, ShopItem> shop;

        ShopSync(Map<String, ShopItem> shop) {
            this.shop = shop;
        }

        @OnEvent("catalog.product.changed")
        void put(ShopItem item) {
            shop.put(item.sku(), item);
        }

        @OnEvent("catalog.product.removed")
        void remove(Event<?> event) {
            shop.remove(event.key());
        }
    }

    @Test
    void a_aHandlerIsAPlainObjectThatATestCallsByHand() {
        var shop = new HashMap<String, ShopItem>();
        var handler = new ShopSync(shop);
        var mappers = new ShopMappers();

        handler.put(mappers.item(mappers.lift(new ProductV1("A-1", 6, "Lamp", 20))));
        assertThat(shop).containsEntry("A-1", new ShopItem("A-1", "Lamp", 2000));
        handler.remove(Event.delete("catalog.product.removed", "A-1").withVersion(8));
        assertThat(shop).isEmpty();
    }

    // (b) one event, two needs

    @EventType("crm.customer.changed")
    record Customer(@EventKey String id, @EntityVersion long revision, String name, String vat) {}

    record Party(String id, String name, String vat) {}

    @SyncHandler(value = "billing", concurrency = 16, holdOn = IOException.class, retryLater = "1s 30s 5m 1h 6h")
    static final class Billing {
        private final int status;

        Billing(int status) {
            this.status = status;
        }

        @MapsTo
        Party party(Customer c) {
            return new Party(c.id(), c.name(), c.vat());
        }

        @OnEvent("crm.customer.changed")
        Outcome put(Event<Party> e) {
            return switch (status) {
                case 200, 204 -> Outcome.done();
                case 429, 503 -> Outcome.hold(Duration.ofSeconds(30), "billing busy for " + e.key());
                case 400, 422 -> Outcome.reject("billing refused " + status);
                default -> throw new IllegalStateException("billing " + status);
            };
        }
    }

    @SyncHandler(
            value = "mailing",
            modes = Delivery.Mode.LIVE,
            retryLater = "none",
            deletes = SyncHandler.Deletes.IGNORE)
    static final class Mailing {
        @OnEvent
        void on(Customer c) {
            assertThat(c.id()).isNotEmpty();
        }
    }

    @Test
    void b_answersOfATargetBecomeOutcomes() {
        var event =
                Event.of("crm.customer.changed", new Party("7", "Ann", "DE1")).withKey("7");

        assertThat(new Billing(200).put(event).kind()).isEqualTo(Outcome.Kind.DONE);
        assertThat(new Billing(429).put(event).delay()).contains(Duration.ofSeconds(30));
        assertThat(new Billing(422).put(event).kind()).isEqualTo(Outcome.Kind.REJECT);
        assertThatThrownBy(() -> new Billing(500).put(event)).isInstanceOf(IllegalStateException.class);
    }

    // (c) effect, record and follow-up commit together

    @EventType(value = "order.order.placed", kind = EventType.Kind.DELTA)
    record OrderPlaced(@EventKey String orderId, String sku, int qty) {}

    @EventType(value = "stock.item.reserved", kind = EventType.Kind.DELTA)
    record StockReserved(@EventKey String sku, String orderId, int qty) {}

    @SyncHandler(value = "reserve", transaction = "orders")
    static final class Reserve {
        @OnEvent
        StockReserved on(OrderPlaced o, Connection tx) throws SQLException {
            if (tx.isClosed()) {
                throw Outcome.reject("not enough " + o.sku()).asException();
            }
            return new StockReserved(o.sku(), o.orderId(), o.qty());
        }
    }

    record OrderService(EventPublisher events) {}

    @Test
    void c_thePublisherIsThereBeforeStartAndTransactionsAreRefusedInWords() {
        var builder = Sync.builder("orders").broker("local:");
        var service = new OrderService(builder.publisher());
        builder.transactions("orders", new TransactionalStore() {}).handlers(new Reserve());

        assertThat(service.events()).isNotNull();
        assertThatThrownBy(builder::build)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("transaction")
                .hasMessageContaining("orders");
        assertThat(Event.of(new OrderPlaced("1", "A", 1))
                        .withKey("k")
                        .withVersion(3)
                        .withCorrelationId("c-9")
                        .key())
                .isEqualTo("k");
    }

    @Test
    void c_anOutcomeMayBeThrown() {
        assertThatThrownBy(() -> {
                    throw Outcome.reject("not enough").asException();
                })
                .isInstanceOfSatisfying(
                        OutcomeException.class,
                        e -> assertThat(e.outcome().kind()).isEqualTo(Outcome.Kind.REJECT));
    }

    // (d) webhook -> warehouse, in batches

    @SyncHandler(value = "warehouse", batch = 500)
    static final class Warehouse {
        private final Map<String, Map<String, Object>> rows = new LinkedHashMap<>();

        @OnEvent("directus.items.*")
        void load(List<Change<Map<String, Object>>> changes) {
            for (var row : changes) {
                if (row instanceof Change.Upsert<Map<String, Object>> u) {
                    rows.put(u.key(), u.value());
                } else {
                    rows.remove(row.key());
                }
            }
        }
    }

    @Test
    void d_changesAreTakenApartOnJava17() {
        var warehouse = new Warehouse();
        Map<String, Object> item = Map.of("id", 1);
        var event = Event.of("directus.items.articles", item)
                .withKey(String.valueOf(item.get("id")))
                .withOrigin("directus");

        warehouse.load(List.of(new Change.Upsert<>(event, item)));
        assertThat(warehouse.rows).containsOnlyKeys("1");
        warehouse.load(List.of(Change.delete("1")));
        assertThat(warehouse.rows).isEmpty();
    }

    // (e) both ways

    @SyncHandler(value = "to-erp", target = "erp")
    static final class ToErp {
        private final List<Customer> erp = new ArrayList<>();

        @OnEvent
        Outcome on(Event<Customer> e) {
            if (e.payload().name().isEmpty()) {
                return Outcome.reject("conflict: name changed in both");
            }
            erp.add(e.payload());
            return Outcome.done();
        }
    }

    @Test
    void e_whatTheErpSaysCarriesItsOrigin() {
        var event = Event.of(new Customer("7", 1, "Ann", "DE1")).withOrigin("erp");

        assertThat(event.origin()).isEqualTo("erp");
        assertThat(new ToErp().on(event).kind()).isEqualTo(Outcome.Kind.DONE);
    }

    // (f) in a container: the handler is a bean with no annotation of ours but these, the service takes the publisher

    @Nested
    class InAContainer {

        record ProductService(EventPublisher events) {
            Event<Product> rename(String sku, String title) {
                return events.publish(new Product(sku, 8, title, eur(20)));
            }
        }

        @Test
        void f_aServiceKnowsThePublisherOnly() {
            var published = new ArrayList<Event<?>>();
            var service = new ProductService(new RecordingPublisher(published));

            service.rename("A-1", "Lamp");

            assertThat(published).hasSize(1);
        }
    }

    private record RecordingPublisher(List<Event<?>> published) implements EventPublisher {
        @Override
        public <T> Event<T> publish(T payload) {
            return publish(Event.of(payload));
        }

        @Override
        public <T> Event<T> publish(Event<T> event) {
            published.add(event);
            return event;
        }

        @Override
        public List<Event<?>> publishAll(java.util.Collection<?> events) {
            throw new UnsupportedOperationException("not used here");
        }
    }
}
