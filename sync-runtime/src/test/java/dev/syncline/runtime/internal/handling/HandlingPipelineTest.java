package dev.syncline.runtime.internal.handling;

import static dev.syncline.runtime.internal.wiring.Wire.app;
import static dev.syncline.runtime.internal.wiring.Wire.attributes;
import static dev.syncline.runtime.internal.wiring.Wire.envelope;
import static dev.syncline.runtime.internal.wiring.Wire.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.syncline.api.Change;
import dev.syncline.api.Delivery;
import dev.syncline.api.EntityVersion;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventPublisher;
import dev.syncline.api.EventType;
import dev.syncline.api.MapsTo;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.spi.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** From an envelope to the handler's method: shapes, paths, and what is settled on the way. */
@SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // private handler methods are called all the same
class HandlingPipelineTest {

    private static final String CHANGED = "catalog.product.changed";

    @EventType(value = CHANGED, version = 2)
    record Product(@EventKey String sku, @EntityVersion long revision, String title) {}

    @EventType(value = CHANGED, version = 1)
    record ProductV1(@EventKey String sku, String name) {}

    @EventType(value = "catalog.product.removed", kind = EventType.Kind.DELETE)
    record Removed(@EventKey String sku) {}

    @EventType(value = "stock.item.reserved", kind = EventType.Kind.DELTA)
    record Reserved(@EventKey String sku, int count) {}

    record ShopItem(String sku, String title) {}

    static final class ShopMappers {
        @MapsTo
        Product lift(ProductV1 old) {
            return new Product(old.sku(), 0, old.name());
        }

        @MapsTo
        static ShopItem item(Product product) {
            return new ShopItem(product.sku(), product.title());
        }
    }

    private final List<Object> seen = new ArrayList<>();

    @Nested
    class AMethod {

        @SyncHandler("payload")
        final class TakesPayload {
            @OnEvent
            void on(Reserved reserved) {
                seen.add(reserved);
            }
        }

        @Test
        void takesThePayload() {
            var app = app().handlers(new TakesPayload());

            assertThat(app.handle(event(new Reserved("a", 1)))).isEqualTo(Verdict.DONE);
            assertThat(seen).containsExactly(new Reserved("a", 1));
        }

        @SyncHandler("event")
        final class TakesEvent {
            @OnEvent
            private Outcome on(Event<Product> event) {
                seen.add(event);
                return Outcome.done();
            }
        }

        @Test
        void takesTheEvent() {
            var app = app().handlers(new TakesEvent()).mappers(new ShopMappers());

            app.handle(event(Event.of(new Product("a", 7, "Lamp")).withOrigin("erp")));

            assertThat(seen).singleElement().asInstanceOf(type(Event.class)).satisfies(event -> {
                assertThat(event.key()).isEqualTo("a");
                assertThat(event.version()).hasValue(7);
                assertThat(event.origin()).isEqualTo("erp");
                assertThat(event.payload()).isEqualTo(new Product("a", 7, "Lamp"));
            });
        }

        @SyncHandler(value = "item", deletes = SyncHandler.Deletes.IGNORE)
        final class TakesItem {
            @OnEvent(CHANGED)
            void put(ShopItem item) {
                seen.add(item);
            }
        }

        @Test
        void takesTheModelThatItAskedForWhateverTheVersion() {
            var app = app().handlers(new TakesItem()).mappers(new ShopMappers());

            app.handle(event(new Product("a", 7, "Lamp")));
            app.handle(event(new ProductV1("b", "Chair")));

            assertThat(seen).containsExactly(new ShopItem("a", "Lamp"), new ShopItem("b", "Chair"));
        }

        @SyncHandler("changes")
        final class TakesChanges {
            @OnEvent("catalog.product.*")
            void on(Change<ShopItem> change) {
                seen.add(change);
            }
        }

        @Test
        void takesUpsertsAndDeletes() {
            var app = app().handlers(new TakesChanges())
                    .mappers(new ShopMappers())
                    .payloads(Product.class, Removed.class);

            app.handle(event(new Product("a", 7, "Lamp")));
            app.handle(event(CHANGED, 2, null));
            app.handle(event(new Removed("a")));

            assertThat(seen)
                    .satisfiesExactly(
                            upsert -> assertThat(((Change.Upsert<?>) upsert).value())
                                    .isEqualTo(new ShopItem("a", "Lamp")),
                            delete -> assertThat(((Change.Delete<?>) delete).key())
                                    .isEqualTo("k-1"),
                            delete -> assertThat(((Change.Delete<?>) delete).event())
                                    .as("nothing leads from Removed to ShopItem")
                                    .matches(event -> event.isDelete() && !event.hasPayload()));
        }

        abstract static class Base {
            @OnEvent
            private void on(Reserved reserved, EventPublisher publisher, Delivery delivery) {
                took(publisher, delivery);
            }

            abstract void took(EventPublisher publisher, Delivery delivery);
        }

        @SyncHandler("all")
        final class TakesAll extends Base {
            @Override
            void took(EventPublisher publisher, Delivery delivery) {
                seen.add(publisher);
                seen.add(delivery.handler());
            }
        }

        @Test
        void takesDeliveryAndPublisherInAnyOrderAndMayBeInherited() {
            var app = app().handlers(new TakesAll());

            app.handle(event(new Reserved("a", 1)));

            assertThat(seen).containsExactly(app.published.get(0), "all");
        }

        @SyncHandler(value = "untyped", deletes = SyncHandler.Deletes.IGNORE)
        final class TakesUntyped {
            @OnEvent("x.y.map")
            void map(Map<String, Object> map) {
                seen.add(map);
            }

            @OnEvent("x.y.raw")
            void raw(byte[] data) {
                seen.add(data);
            }

            @OnEvent({"x.y.any", CHANGED})
            void any(Event<?> event) {
                seen.add(event.payload());
            }
        }

        @Test
        void takesMapsAndBytesAsTheyAre() {
            var app = app().handlers(new TakesUntyped()).payloads(Product.class);
            var opaque = attributes("x.y.raw", 1);
            opaque.put("datacontenttype", "application/x-foo");

            app.handle(event("x.y.map", 9, "{\"a\":1.10}"));
            app.handle(envelope(opaque, Bytes.wrap(new byte[] {1, 2})));
            app.handle(event("x.y.any", 1, "[1]"));
            app.handle(event(new Product("a", 7, "Lamp")));
            app.handle(event(CHANGED, 9, "{}"));

            assertThat(seen)
                    .satisfiesExactly(
                            map -> assertThat(map).hasToString("{a=1.10}"),
                            raw -> assertThat(raw).isEqualTo(new byte[] {1, 2}),
                            any -> assertThat(any).isEqualTo(List.of(1)),
                            known -> assertThat(known).isEqualTo(new Product("a", 7, "Lamp")),
                            newer -> assertThat(newer).isEqualTo(Map.of()));
        }

        @Test
        void mayBeALambda() {
            var app = app().lambda("typed", Product.class, (event, delivery) -> {
                        seen.add(event.payload());
                        return Outcome.done();
                    })
                    .lambda("maps", "x.y.*", (event, delivery) -> {
                        seen.add(event.payload());
                        return Outcome.skip("enough");
                    });

            app.handle("typed", event(new Product("a", 7, "Lamp")));
            var verdicts = app.handle("maps", event("x.y.z", 1, "{\"a\":1}"));

            assertThat(seen).containsExactly(new Product("a", 7, "Lamp"), Map.of("a", 1));
            assertThat(verdicts).containsExactly(new Verdict.Skipped("skip", "enough"));
        }

        @SyncHandler("wild")
        final class TakesWildcard {
            @OnEvent("x.y.*")
            void all(Event<?> event) {
                seen.add("all " + event.type());
            }

            @OnEvent("x.y.z")
            void one(Event<?> event) {
                seen.add("one " + event.type());
            }
        }

        @Test
        void withTheExactNameBeatsTheAsterisk() {
            var app = app().handlers(new TakesWildcard());

            app.handle(event("x.y.z", 1, "{}"));
            app.handle(event("x.y.a", 1, "{}"));

            assertThat(seen).containsExactly("one x.y.z", "all x.y.a");
            assertThat(app.handling("wild").route(event("x.y.z.z", 1, "{}"))).isEqualTo(Handling.UNHANDLED);
            assertThat(app.handling("wild").route(event("x.y", 1, "{}"))).isEqualTo(Handling.UNHANDLED);
        }
    }

    @Nested
    class Mapping {

        static final class Fan {
            @MapsTo
            List<ShopItem> each(Reserved reserved) {
                return IntStream.range(0, reserved.count())
                        .mapToObj(i -> new ShopItem(reserved.sku(), "" + i))
                        .toList();
            }

            @MapsTo
            Optional<String> filter(Reserved reserved) {
                return reserved.count() > 1 ? Optional.of("many") : Optional.empty();
            }
        }

        @SyncHandler("fan")
        final class TakesEach {
            @OnEvent("stock.item.reserved")
            void on(ShopItem item) {
                if (item.title().equals("3")) {
                    throw new IllegalStateException("third");
                }
                seen.add(item.title());
            }
        }

        @SyncHandler("filter")
        final class TakesFiltered {
            @OnEvent("stock.item.reserved")
            void on(String text) {
                seen.add(text);
            }
        }

        @Test
        void mayFilter() {
            var app = app().handlers(new TakesFiltered()).mappers(new Fan());

            assertThat(app.handle(event(new Reserved("a", 2)))).isEqualTo(Verdict.DONE);
            assertThat(app.handle(event(new Reserved("a", 1))))
                    .isEqualTo(new Verdict.Skipped("filtered", "by a mapper"));
            assertThat(seen).containsExactly("many");
        }

        @Test
        void mayFanOut() {
            var app = app().handlers(new TakesEach()).mappers(new Fan());

            assertThat(app.handle(event(new Reserved("a", 3)))).isEqualTo(Verdict.DONE);
            assertThat(seen).containsExactly("0", "1", "2");
            assertThat(app.handle(event(new Reserved("a", 0)))).isInstanceOf(Verdict.Skipped.class);
        }

        @Test
        void failsAsAWholeIfAPartOfAFanOutFails() {
            var app = app().handlers(new TakesEach()).mappers(new Fan());

            assertThat(app.handle(event(new Reserved("a", 6)))).isInstanceOf(Verdict.Failed.class);
            assertThat(seen).as("nothing behind the failed part").containsExactly("0", "1", "2");
            assertThat(app.published).extracting(publisher -> publisher.end).containsExactly("discarded");
        }

        static final class Broken {
            @MapsTo
            ShopItem item(Product product) {
                if (product.title().equals("null")) {
                    return null;
                }
                throw new IllegalStateException("no title");
            }
        }

        @SyncHandler("broken")
        final class TakesBroken {
            @OnEvent(CHANGED)
            void on(Event<ShopItem> item) {
                seen.add(item);
            }
        }

        @Test
        void thatThrowsOrReturnsNullIsNotTriedAgain() {
            var app = app().handlers(new TakesBroken()).mappers(new Broken());

            for (var title : List.of("x", "null")) {
                assertThat(app.handle(event(new Product("a", 1, title))))
                        .isInstanceOfSatisfying(
                                Verdict.Rejected.class,
                                rejected -> assertThat(rejected.code()).isEqualTo("mapper.failed"));
            }
            assertThat(seen).isEmpty();
        }
    }
}
