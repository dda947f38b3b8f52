package dev.syncline.testkit.golden;

import dev.syncline.api.Delivery;
import dev.syncline.api.EntityVersion;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The application whose directory is kept. It uses every kind of file: orders go by {@code local:} to a handler that
 * publishes results, products and parcels to another broker, from where products come back to a second handler.
 */
final class Application {

    static final String NAME = "golden";
    static final int LARGEST = 4_096;

    final InMemoryBroker broker;
    final Queue<String> packed = new ConcurrentLinkedQueue<>();
    final Queue<String> mirrored = new ConcurrentLinkedQueue<>();
    final Set<String> refused = ConcurrentHashMap.newKeySet();

    @EventType(value = "order.placed", kind = EventType.Kind.DELTA)
    record Placed(@EventKey String order, int number) {}

    @EventType(value = "parcel.packed", kind = EventType.Kind.DELTA)
    record Packed(@EventKey String order, int number) {}

    @EventType("catalog.product.changed")
    record Product(@EventKey String sku, @EntityVersion long revision, String title) {}

    @SyncHandler("warehouse")
    final class Warehouse {
        @OnEvent("order.placed")
        Packed pack(Placed placed) {
            if (refused.contains(placed.order() + placed.number())) {
                throw Outcome.reject("no such shelf").asException();
            }
            packed.add(placed.order() + placed.number());
            return new Packed(placed.order(), placed.number());
        }
    }

    @SyncHandler(
            value = "mirror",
            deletes = SyncHandler.Deletes.IGNORE,
            modes = {Delivery.Mode.LIVE, Delivery.Mode.REDRIVE})
    final class Mirror {
        @OnEvent("catalog.product.changed")
        void put(Event<Product> event) {
            mirrored.add(event.key() + event.payload().revision());
        }
    }

    /** @param largest what the broker takes, in bytes */
    Application(int largest) {
        broker = InMemoryBroker.builder().maxMessageBytes(largest).build();
        broker.createTopic("catalog.product", 1);
        broker.createTopic("parcel", 1);
    }

    Sync start(Path directory, InstantSource clock) {
        return Sync.builder(NAME)
                .broker(broker, "memory:")
                .broker("home", "local:", Map.of("topics.partitions", 2))
                .route("order.*", "home", "order")
                .route("parcel.*", "default", "parcel")
                .dataDirectory(directory)
                .clock(clock)
                .settings(Map.of("defaults.retry", "none", "outbox.retention", "36500d"))
                .handlers(new Warehouse(), new Mirror())
                .start();
    }

    /** An event of another program comes in by the broker. */
    void store(String id, String sku, long revision) {
        var headers = new ArrayList<RawHeader>();
        Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", id,
                        "ce_source", "crm",
                        "ce_type", "catalog.product.changed",
                        "ce_partitionkey", sku,
                        "content-type", "application/json")
                .forEach((name, value) -> headers.add(new RawHeader(name, Bytes.utf8(value))));
        broker.store(
                new TopicPartition("catalog.product", 0),
                Bytes.utf8(sku),
                headers,
                Bytes.utf8("{\"sku\":\"" + sku + "\",\"revision\":" + revision + ",\"title\":\"\"}"));
    }

    /** Keys of what the broker has of a topic. */
    List<String> keys(String topic) {
        return broker.messages(topic).stream()
                .map(received -> received.message().key())
                .toList();
    }
}
