package dev.syncline.runtime.internal.wiring;

import static dev.syncline.runtime.internal.wiring.Wire.app;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.BatchOutcome;
import dev.syncline.api.Change;
import dev.syncline.api.Delivery;
import dev.syncline.api.EntityVersion;
import dev.syncline.api.Event;
import dev.syncline.api.EventHandler;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.EventType.Kind;
import dev.syncline.api.MapsTo;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.api.SyncHandler.Deletes;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every fault of the wiring: named by class and method, saying what to change, all at once. */
@SuppressWarnings({"UnusedMethod", "UnusedVariable", "rawtypes"})
class WiringFaultsTest {

    @EventType(value = "catalog.product.changed", version = 2)
    record Product(@EventKey String sku, String title) {}

    @EventType(value = "catalog.product.changed", version = 1)
    record ProductV1(@EventKey String sku, String title) {}

    @EventType(value = "stock.item.reserved", kind = Kind.DELTA)
    record Reserved(@EventKey String sku) {}

    record ShopItem(String sku) {}

    record Foreign(String x) {}

    /** Signatures that are no handler's. */
    @Nested
    class Signatures {

        @SyncHandler("s")
        static final class Wrong {
            @OnEvent("a.b.none")
            void none() {}

            @OnEvent("a.b.object")
            void object(Object o) {}

            @OnEvent("a.b.number")
            void number(int n) {}

            @OnEvent("a.b.array")
            void array(String[] texts) {}

            @OnEvent("a.b.rawlist")
            void rawList(List events) {}

            @OnEvent("a.b.nested")
            void nested(List<List<Map<String, Object>>> events) {}

            @OnEvent("a.b.wildlist")
            void wildList(List<?> events) {}

            @OnEvent("a.b.upsert")
            void upsert(Change.Upsert<Map<String, Object>> upsert) {}

            @OnEvent("a.b.delivery")
            void deliveryFirst(Delivery delivery) {}

            @OnEvent("a.b.optional")
            void optional(Optional<Product> product) {}

            @OnEvent("a.b.intmap")
            void intMap(Map<Integer, String> map) {}

            @OnEvent("a.b.variable")
            <T> void variable(Event<T> event) {}

            @OnEvent("a.b.twice")
            void twice(Event<?> event, Delivery one, Delivery other) {}

            @OnEvent("a.b.more")
            void more(Event<?> event, String more) {}

            @OnEvent("a.b.two")
            void two(Event<?> event, Event<?> other) {}

            @OnEvent("a.b.tx")
            void tx(Event<?> event, Connection connection) {}

            @OnEvent("a.b.bool")
            boolean bool(Event<?> event) {
                return true;
            }

            @OnEvent("a.b.string")
            String string(Event<?> event) {
                return "";
            }

            @OnEvent("a.b.events")
            List<Reserved> events(Event<?> event) {
                return List.of();
            }

            @OnEvent("a.b.returned")
            Event<Reserved> returned(Event<?> event) {
                return null;
            }

            @OnEvent("a.b.batch")
            BatchOutcome batch(Event<?> event) {
                return null;
            }

            @OnEvent("a.b.stage")
            CompletionStage<?> stage(Event<?> event) {
                return null;
            }

            @OnEvent("a.b.future")
            CompletableFuture<String> future(Event<?> event) {
                return null;
            }

            @OnEvent("a.b.rawstage")
            CompletionStage rawStage(Event<?> event) {
                return null;
            }
        }

        static List<Arguments> faults() {
            return List.of(
                    fault("none", "has no parameter"),
                    fault("object", "takes Object first"),
                    fault("number", "takes int first"),
                    fault("array", "takes String[] first"),
                    fault("rawList", "takes List first"),
                    fault("nested", "takes List<List<Map<String, Object>>> first"),
                    fault("wildList", "without a payload class take Event<?>"),
                    fault("upsert", "takes Change.Upsert<Map<String, Object>> first"),
                    fault("deliveryFirst", "takes Delivery first"),
                    fault("optional", "takes Optional<WiringFaultsTest.Product> first"),
                    fault("intMap", "takes Map<Integer, String> first"),
                    fault("variable", "takes Event<T> first"),
                    fault("twice", "takes Delivery twice"),
                    fault(
                            "more",
                            "takes a String; behind the first parameter there may be Delivery and EventPublisher"),
                    fault("two", "takes a Event; behind"),
                    fault("tx", "takes a java.sql.Connection: transactions are not available yet"),
                    fault("bool", "returns boolean; it must be void"),
                    fault("string", "returns String; it must be void"),
                    fault("events", "to publish several events return Outcome.publish"),
                    fault("returned", "returns Event<WiringFaultsTest.Reserved>"),
                    fault("batch", "returns BatchOutcome, but takes no List"),
                    fault("stage", "returns CompletionStage<?>"),
                    fault("future", "returns CompletableFuture<String>"),
                    fault("rawStage", "returns CompletionStage;"));
        }

        private static Arguments fault(String method, String text) {
            return Arguments.of(method, text);
        }

        @ParameterizedTest
        @MethodSource("faults")
        void areToldByMethod(String method, String text) {
            assertThat(app().handlers(new Wrong()).faults())
                    .filteredOn(fault -> fault.startsWith("WiringFaultsTest.Signatures.Wrong." + method + " "))
                    .singleElement()
                    .asString()
                    .contains(text);
        }

        @Test
        void areToldAllAtOnce() {
            assertThat(app().handlers(new Wrong()).faults()).hasSize(faults().size());
        }
    }

    @Nested
    class Types {

        @SyncHandler(value = "h", deletes = Deletes.IGNORE)
        static final class Twice {
            @OnEvent("catalog.product.changed")
            void one(Product product) {}

            @OnEvent({"x.y.z", "catalog.product.changed"})
            void other(Event<?> event) {}
        }

        @Test
        void aTypeMeetsOneMethod() {
            assertFault(
                    app().handlers(new Twice()),
                    "Types.Twice.one and WiringFaultsTest.Types.Twice.other both take \"catalog.product.changed\"");
        }

        @SyncHandler("h")
        static final class TwoWildcards {
            @OnEvent("x.y.*")
            void one(Event<?> event) {}

            @OnEvent("x.y.*")
            void other(Event<?> event) {}
        }

        @Test
        void anEntityMeetsOneMethod() {
            assertFault(app().handlers(new TwoWildcards()), "both take \"x.y.*\"");
        }

        @SyncHandler("h")
        static final class Malformed {
            @OnEvent({"x.**", "x.*.y", "*", "x..y", "", "x y.z"})
            void on(Event<?> event) {}
        }

        @Test
        void patternsAreForTheLastSegment() {
            assertThat(app().handlers(new Malformed()).faults())
                    .hasSize(6)
                    .allMatch(fault -> fault.contains("a type is named in full, or with * for its last segment"));
        }

        @SyncHandler("h")
        static final class OneSegment {
            @OnEvent("changed")
            void on(Event<?> event) {}
        }

        @Test
        void aTypeNamesATopic() {
            assertFault(app().handlers(new OneSegment()), "OneSegment.on takes \"changed\", which names no topic");
            assertThat(app().handlers(new OneSegment())
                            .route("changed", "default", "t")
                            .faults())
                    .isEmpty();
        }

        @SyncHandler("h")
        static final class Nameless {
            @OnEvent
            void item(Event<ShopItem> item) {}

            @OnEvent
            void map(Event<Map<String, Object>> map) {}

            @OnEvent
            void any(Event<?> any) {}
        }

        @Test
        void withoutANameThePayloadSaysIt() {
            assertThat(app().handlers(new Nameless()).faults())
                    .hasSize(3)
                    .allMatch(fault -> fault.contains("does not say which events it takes"));
        }

        @SyncHandler(value = "h", deletes = Deletes.IGNORE)
        static final class Typo {
            @OnEvent("catalog.product.chnaged")
            void put(ShopItem item) {}
        }

        @Test
        void aTypoIsNoticedAndTheNearestNameSuggested() {
            assertFault(
                    app().handlers(new Typo()).payloads(Product.class),
                    "Typo.put takes \"catalog.product.chnaged\" as WiringFaultsTest.ShopItem, and no payload class knows"
                            + " that type; did you mean \"catalog.product.changed\"?");
        }

        @SyncHandler(value = "h", deletes = Deletes.IGNORE)
        static final class TypedWildcard {
            @OnEvent("x.y.*")
            void put(ShopItem item) {}
        }

        @Test
        void aTypedWildcardNeedsAKnownType() {
            assertFault(app().handlers(new TypedWildcard()), "takes \"x.y.*\" as WiringFaultsTest.ShopItem");
        }
    }

    @Nested
    class Handlers {

        static final class NothingToDo {}

        static final class MapperOnly {
            @MapsTo
            ShopItem item(Product product) {
                return null;
            }
        }

        @Test
        void haveAMethod() {
            assertFault(app().handlers(new NothingToDo()), "NothingToDo has no @OnEvent method: put @OnEvent");
            assertFault(app().handlers(new MapperOnly()), "MapperOnly has no @OnEvent method: give it to mappers(…)");
        }

        @SyncHandler("same")
        static final class One {
            @OnEvent
            void on(Reserved reserved) {}
        }

        @SyncHandler("same")
        static final class Other {
            @OnEvent
            void on(Reserved reserved) {}
        }

        @SyncHandler("sa-me")
        static final class Dashed {
            @OnEvent
            void on(Reserved reserved) {}
        }

        @Test
        void input61_haveAnIdOfTheirOwn() {
            assertFault(app().handlers(new One(), new Other()), "Handlers.Other: id \"same\" is also that of");
            assertFault(app().handlers(new One(), new Dashed()), "but for a dash, which settings do not see");
            assertFault(
                    app().handlers(new One()).lambda("same", Reserved.class, (event, delivery) -> Outcome.done()),
                    "handler(\"same\"): id \"same\" is also that of WiringFaultsTest.Handlers.One");
        }

        @SyncHandler("Bad_Id")
        static final class BadId {
            @OnEvent
            void on(Reserved reserved) {}
        }

        @Test
        void haveAnIdThatEveryBrokerTakes() {
            assertFault(app().handlers(new BadId()), "BadId: id \"Bad_Id\" must begin with a lower-case letter");
            assertFault(
                    app().handlers(new Object() {
                        @OnEvent
                        void on(Reserved reserved) {}
                    }),
                    "id \"\" must begin with a lower-case letter");
        }

        static final class HTTPShopSync2 {
            @OnEvent
            void on(Reserved reserved) {}
        }

        @Test
        void areCalledLikeTheirClassIfTheySayNothing() {
            assertThat(app().handlers(new HTTPShopSync2()).plan("http-shop-sync2"))
                    .isNotNull();
        }

        @SyncHandler(value = "tx", transaction = "orders")
        static final class Transactional {
            @OnEvent
            void on(Reserved reserved) {}
        }

        @Test
        void doNotAskForTransactionsYet() {
            assertFault(
                    app().handlers(new Transactional()),
                    "transaction = \"orders\": transactions are not available yet");
            assertFault(
                    app().transactions("orders"),
                    "transactions(\"orders\", …): transactional stores are not available");
        }

        @SyncHandler(
                value = "p",
                retry = "soon",
                retryLater = "1s 48h",
                timeout = "1ms",
                concurrency = -1,
                batch = -1,
                rejectOn = IOException.class,
                holdOn = IOException.class)
        static final class BadPolicy {
            @OnEvent
            void on(Reserved reserved) {}
        }

        @Test
        void haveAPolicyThatCanBeRead() {
            assertThat(app().handlers(new BadPolicy()).faults())
                    .hasSize(6)
                    .anyMatch(fault -> fault.contains("timeout = \"1ms\" must be from 10ms to 24h, or none"))
                    .anyMatch(fault -> fault.contains("retry = \"soon\" must be durations"))
                    .anyMatch(fault -> fault.contains("retry-later = \"1s 48h\" must have no pause longer than 24h"))
                    .anyMatch(fault -> fault.contains("concurrency = \"-1\" must be a whole number from 1 to 256"))
                    .anyMatch(fault -> fault.contains("batch = \"-1\" must be a whole number"))
                    .anyMatch(fault -> fault.contains("IOException is in rejectOn and in holdOn"));
        }

        @Test
        void rejectAndHoldOnExceptionsThatThereAre() {
            EventHandler<Product> lambda = (event, delivery) -> Outcome.done();

            assertThat(app().lambda("x", Product.class, lambda)
                            .set("handlers.x.reject-on", "com.example.NoSuch")
                            .set("handlers.x.hold-on", "java.lang.String")
                            .faults())
                    .hasSize(2)
                    .anyMatch(fault -> fault.contains("\"handlers.x.reject-on\"")
                            && fault.contains("names com.example.NoSuch, which is not on the class path"))
                    .anyMatch(fault -> fault.contains("names java.lang.String, which is no exception"));
            assertThat(app().lambda("x", Product.class, lambda)
                            .set("handlers.x.reject-on", "java.io.IOException")
                            .set("handlers.x.hold-on", "java.io.IOException")
                            .faults())
                    .singleElement()
                    .asString()
                    .contains("IOException is in \"handlers.x.reject-on\" and in \"handlers.x.hold-on\"");
        }

        @Test
        void areNoLambdasWithoutAnId() {
            EventHandler<Product> lambda = (event, delivery) -> Outcome.done();

            assertFault(app().handlers(lambda), "use handler(id, payload, lambda)");
        }

        @Test
        void asLambdasNameTheirType() {
            assertFault(
                    app().lambda("x", ShopItem.class, (event, delivery) -> Outcome.done()),
                    "handler(\"x\") does not say which events it takes");
            assertFault(
                    app().lambda("x", int[].class, (event, delivery) -> Outcome.done()),
                    "takes int[], which is no payload");
        }

        @Test
        void areMadeByTheInjector() {
            assertFault(app().handlers(One.class), "Handlers.One cannot be made: no injector");
            assertThat(app().handlers(One.class).instances(type -> new One()).faults())
                    .isEmpty();
        }

        interface Marked {
            @OnEvent
            default void on(Reserved reserved) {}
        }

        @SyncHandler("i")
        static final class ByInterface implements Marked {
            @OnEvent("x.y.z")
            void other(Event<?> event) {}
        }

        static class Parent {
            @OnEvent
            void on(Reserved reserved) {}
        }

        @SyncHandler("c")
        static final class Child extends Parent {
            @Override
            void on(Reserved reserved) {}

            @OnEvent("x.y.z")
            void other(Event<?> event) {}
        }

        @Test
        void hideNoAnnotation() {
            assertFault(app().handlers(new ByInterface()), "Handlers.Marked.on carries @OnEvent, but");
            assertFault(app().handlers(new Child()), "Handlers.Parent.on carries @OnEvent, but");
        }
    }

    @Nested
    class Proxies {

        @SyncHandler("p")
        static class Bean {
            @OnEvent
            private void on(Reserved reserved) {}

            @OnEvent("x.y.z")
            final void last(Event<?> event) {}

            @OnEvent("x.y.fine")
            void fine(Event<?> event) {}
        }

        @SuppressWarnings("checkstyle:TypeName")
        static class Bean$$SpringCGLIB$$0 extends Bean {}

        @Test
        void haveNoPrivateOrFinalMethods() {
            assertThat(app().handlers(new Bean$$SpringCGLIB$$0()).faults())
                    .hasSize(2)
                    .anyMatch(fault -> fault.contains("Proxies.Bean.on is private"))
                    .anyMatch(fault -> fault.contains("Proxies.Bean.last is final"));
            assertThat(app().handlers(new Bean()).faults()).isEmpty();
        }

        @Test
        void ofTheJdkAreRefused() {
            var proxy = Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Runnable.class}, (p, method, arguments) -> null);

            assertFault(app().handlers(proxy), "a JDK proxy of Runnable");
        }
    }

    @Nested
    class Payloads {

        @EventType("catalog.product.changed")
        record SameVersion(String x) {}

        @EventType(value = "catalog.product.changed", version = 3, kind = Kind.DELTA)
        record OtherKind(String x) {}

        @EventType(value = "one", version = 0)
        record BadName(String x) {}

        @EventType("x.y.keys")
        record TwoKeys(@EventKey String a, @EventKey String b) {}

        @EventType("x.y.key")
        record BadKey(
                @EventKey double amount, @EntityVersion String revision) {}

        @EventType("x.y.good")
        record Good(String a, @EntityVersion int revision) {
            @EventKey
            String both() {
                return a;
            }
        }

        @Test
        void areOnePerTypeAndVersion() {
            assertFault(
                    app().payloads(ProductV1.class, SameVersion.class),
                    "SameVersion: @EventType \"catalog.product.changed\" version 1 is also that of");
        }

        @Test
        void haveOneKindPerType() {
            assertFault(app().payloads(ProductV1.class, OtherKind.class), "OtherKind: @EventType kind DELTA differs");
        }

        @Test
        void haveAnameAndAVersion() {
            assertThat(app().payloads(BadName.class).faults())
                    .hasSize(2)
                    .anyMatch(fault -> fault.contains("value \"one\" must be two or more segments"))
                    .anyMatch(fault -> fault.contains("version 0 must be 1 or more"));
        }

        @Test
        void haveOneKeyThatIsOne() {
            assertFault(app().payloads(TwoKeys.class), "TwoKeys: @EventKey stands on [a, b]; mark one member");
            assertThat(app().payloads(BadKey.class).faults())
                    .hasSize(2)
                    .anyMatch(fault -> fault.contains("@EventKey stands on amount, which is a double"))
                    .anyMatch(fault -> fault.contains("@EntityVersion stands on revision, which is a String"));
            assertThat(app().payloads(Good.class).faults()).isEmpty();
        }
    }

    @Nested
    class MapperClasses {

        static final class Crooked {
            @MapsTo
            void nothing(Product product) {}

            @MapsTo
            ShopItem two(Product product, String more) {
                return null;
            }

            @MapsTo
            ShopItem event(Event<Product> event) {
                return null;
            }

            @MapsTo
            Optional raw(Product product) {
                return Optional.empty();
            }

            @MapsTo
            Map<String, Object> map(Product product) {
                return Map.of();
            }

            @MapsTo
            ShopItem object(Object object) {
                return null;
            }

            @MapsTo
            @OnEvent("x.y.z")
            ShopItem both(Map<String, Object> map) {
                return null;
            }
        }

        @Test
        void haveMethodsThatMap() {
            assertThat(app().mappers(new Crooked()).faults())
                    .hasSize(7)
                    .anyMatch(fault -> fault.contains("Crooked.nothing returns void"))
                    .anyMatch(fault -> fault.contains("Crooked.two has 2 parameters"))
                    .anyMatch(fault -> fault.contains("Crooked.event maps from Event<"))
                    .anyMatch(fault -> fault.contains("Crooked.raw returns Optional without saying of what"))
                    .anyMatch(fault -> fault.contains("Crooked.map returns Map<String, Object>"))
                    .anyMatch(fault -> fault.contains("Crooked.object maps from Object"))
                    .anyMatch(fault -> fault.contains("Crooked.both is both @OnEvent and @MapsTo"));
        }

        static final class Nothing {}

        @Test
        void haveAMethod() {
            assertFault(app().mappers(new Nothing()), "Nothing has no @MapsTo method");
        }

        static final class Down {
            @MapsTo
            ProductV1 down(Product product) {
                return null;
            }
        }

        @Test
        void liftUpwards() {
            assertFault(app().mappers(new Down()), "Down.down maps WiringFaultsTest.Product (v2) to");
        }

        static final class A {
            @MapsTo
            ShopItem item(Product product) {
                return null;
            }
        }

        static final class B {
            @MapsTo
            Optional<ShopItem> item(Product product) {
                return null;
            }
        }

        @Test
        void mapTwoTypesOnce() {
            assertFault(app().mappers(new A(), new B()), "B.item and WiringFaultsTest.MapperClasses.A.item both map");
        }
    }

    @Nested
    class DeleteRule {

        @SyncHandler("d")
        static final class OnlyPuts {
            @OnEvent
            void put(Product product) {}
        }

        @SyncHandler("d")
        static final class OnlyMaps {
            @OnEvent("x.y.z")
            void put(List<Map<String, Object>> maps) {}
        }

        @SyncHandler("d")
        static final class OtherEntity {
            @OnEvent
            void put(Product product) {}

            @OnEvent("catalog.price.removed")
            void remove(Event<?> event) {}
        }

        @Test
        void deletesAreNotForgotten() {
            for (var handler : List.of(new OnlyPuts(), new OnlyMaps(), new OtherEntity())) {
                assertFault(
                        app().handlers(handler),
                        ".put takes \"",
                        "cannot learn that the entity is gone",
                        "deletes = IGNORE");
            }
        }

        @EventType(value = "catalog.product.removed", kind = Kind.DELETE)
        record Removed(@EventKey String sku) {}

        @SyncHandler("d")
        static final class ByType {
            @OnEvent
            void put(Product product) {}

            @OnEvent
            void remove(Removed removed) {}
        }

        @SyncHandler("d")
        static final class ByEvent {
            @OnEvent
            void put(Product product) {}

            @OnEvent("catalog.product.removed")
            void remove(Event<?> event) {}
        }

        @SyncHandler("d")
        static final class ByChange {
            @OnEvent
            void put(Change<Product> product) {}
        }

        @SyncHandler("d")
        static final class ByEnvelope {
            @OnEvent
            void put(Event<Product> product) {}
        }

        @SyncHandler(value = "d", deletes = Deletes.IGNORE)
        static final class Ignored {
            @OnEvent
            void put(Product product) {}
        }

        @SyncHandler("d")
        static final class Delta {
            @OnEvent
            void on(Reserved reserved) {}
        }

        @Test
        void deletesAreSaidInOneOfTheseWays() {
            for (var handler : List.of(
                    new ByType(), new ByEvent(), new ByChange(), new ByEnvelope(), new Ignored(), new Delta())) {
                assertThat(app().handlers(handler).faults())
                        .as(Names.of(handler.getClass()))
                        .isEmpty();
            }
        }
    }

    @Nested
    class BrokersAndRoutes {

        @Test
        void thereIsABroker() {
            assertFault(app().noBroker(), "there is no broker: call broker(");
        }

        @Test
        void aNameIsGivenOnce() {
            assertFault(app().broker("default").broker("default"), "broker \"default\" is declared twice");
        }

        @Test
        void aRouteNamesAKnownBroker() {
            assertFault(
                    app().broker("default").broker("cache").route("a.b.*", "cahce", "t"),
                    "route of \"a.b.*\" (builder): broker \"cahce\" is not declared; did you mean \"cache\"?");
        }

        @ParameterizedTest
        @ValueSource(strings = {"*", "a.*.b", "**", "a..b", "", "a b"})
        void aRouteNamesTypes(String types) {
            assertFault(app().route(types, "default", "t"), "route of \"" + types + "\" (builder): types are");
        }

        @ParameterizedTest
        @ValueSource(strings = {"a b", "a/b", ".", "é"})
        void aRouteNamesATopic(String topic) {
            assertFault(app().route("a.b.c", "default", topic), "topic \"" + topic + "\" must be");
        }

        @Test
        void aRouteBySettingsLeadsSomewhere() {
            assertFault(app().set("routes[0].types", "a.b.*"), "setting routes[0] routes \"a.b.*\" nowhere");
        }

        @Test
        void oneOfSeveralBrokersIsTheDefault() {
            assertFault(
                    app().broker("one").broker("two").payloads(Reserved.class),
                    "none of the brokers [one, two] is the default one, and there is no route for stock.item.reserved");
            assertThat(app().broker("one")
                            .broker("two")
                            .payloads(Reserved.class)
                            .route("stock.**", "two", "t")
                            .faults())
                    .isEmpty();
            assertThat(app().broker("one").payloads(Reserved.class).faults()).isEmpty();
        }

        @Test
        void optionsBelongToABrokerWithAUri() {
            assertFault(
                    app().broker("default").set("brokers.defualt.options.a", "secret"),
                    "settings give options to broker \"defualt\", which has no URI; did you mean \"default\"?");
        }
    }

    @Nested
    class Everything {

        @SyncHandler("all")
        static final class Handler {
            @OnEvent("x.y.z")
            void wrong(Object o) {}

            @OnEvent
            void put(Product product) {}
        }

        @Test
        void input61_isToldAtOnce() {
            var faults = app().name("My App")
                    .handlers(new Handler())
                    .mappers(new MapperClasses.Down())
                    .route("a.b.c", "nobody", "t")
                    .set("handlers.al.batch", "1")
                    .set("outbox.durability", "paper")
                    .set("name", "other")
                    .transactions("tx")
                    .faults();

            assertThat(faults)
                    .hasSize(10)
                    .doesNotHaveDuplicates()
                    .anyMatch(fault -> fault.contains("no path leads to it from WiringFaultsTest.ProductV1 (v1)"))
                    .anyMatch(fault -> fault.contains("the application's name \"My App\""))
                    .anyMatch(fault -> fault.contains("transactions(\"tx\""))
                    .anyMatch(fault -> fault.contains("Handler.wrong takes Object"))
                    .anyMatch(fault -> fault.contains("Handler.put takes \"catalog.product.changed\" and cannot learn"))
                    .anyMatch(fault -> fault.contains("Down.down maps"))
                    .anyMatch(fault -> fault.contains("broker \"nobody\" is not declared"))
                    .anyMatch(fault -> fault.contains("\"handlers.al.batch\" is for handler \"al\""))
                    .anyMatch(
                            fault -> fault.contains("\"outbox.durability\" = \"paper\" must be one of [process, disk]"))
                    .anyMatch(fault -> fault.contains("setting \"name\" = \"other\" differs"));
        }

        @Test
        void input61_showsNoSecret() {
            var faults = app().set("brokers.x.options.password", "canary-1")
                    .set("brokers.default.uri", "kafka://u:canary-2@h")
                    .set("brokers.default.pasword", "canary-3")
                    .faults();

            assertThat(faults).isNotEmpty().allMatch(fault -> !fault.contains("canary"));
        }
    }

    private static void assertFault(Wire app, String... texts) {
        assertThat(app.faults()).singleElement().asString().contains(texts);
    }
}
