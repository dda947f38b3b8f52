package dev.syncline.testkit.inputs;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.MapsTo;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** The application of the table: an entity in two versions, a delete, bytes, and maps with and without a schema. */
final class Catalog {

    static final String TOPIC = "catalog.product";

    /** Schemas as the application's directory has them, by type. */
    static final Map<String, String> SCHEMAS =
            Map.of("catalog.product.priced", """
            {"type": "object", "required": ["cents"],
             "properties": {"cents": {"type": "integer", "minimum": 0}}}""", "catalog.product.coded", """
            {"type": "object", "properties": {"code": {"type": "string", "pattern": "(.*a){12}$"}}}""", "catalog.product.nested", """
            {"properties": {"deep": {"$ref": "#/$defs/tree"}},
             "$defs": {"tree": {
                 "anyOf": [{"items": {"$ref": "#/$defs/tree"}}, {"items": {"$ref": "#/$defs/tree"}}],
                 "not": {"type": "string"}}}}""");

    private Catalog() {}

    @EventType(value = "catalog.product.changed", version = 2)
    record Product(@EventKey String sku, @EntityVersion long revision, String title) {}

    @EventType("catalog.product.changed")
    record ProductV1(@EventKey String sku, @EntityVersion long revision, String name) {}

    static final class Mappers {
        @MapsTo
        Product lift(ProductV1 old) {
            return new Product(old.sku(), old.revision(), old.name());
        }
    }

    /** Puts down what it is handed. */
    @SyncHandler("shop")
    static final class Shop {
        final List<Event<?>> seen = new CopyOnWriteArrayList<>();

        @OnEvent("catalog.product.changed")
        void put(Event<Product> event) {
            seen.add(event);
        }

        @OnEvent("catalog.product.removed")
        void remove(Event<?> event) {
            seen.add(event);
        }

        @OnEvent("catalog.product.image")
        void image(Event<byte[]> event) {
            seen.add(event);
        }

        @OnEvent({"catalog.product.noted", "catalog.product.priced", "catalog.product.coded", "catalog.product.nested"})
        void note(Event<Map<String, Object>> event) {
            seen.add(event);
        }
    }
}
