package dev.syncline.runtime.internal.wiring;

import static dev.syncline.runtime.internal.wiring.Wire.app;
import static dev.syncline.runtime.internal.wiring.Wire.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.matcher.Matchers;
import dev.syncline.api.ContractException;
import dev.syncline.api.Delivery;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.MapsTo;
import dev.syncline.api.OnEvent;
import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.api.SyncHandler.Deletes;
import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.settings.Limit;
import dev.syncline.runtime.internal.wiring.Reactions.Reaction;
import dev.syncline.spi.Subscription;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes out of declarations that are well. */
@SuppressWarnings({"UnusedMethod", "UnusedVariable"})
class WiringTest {

    private static final String TYPE = "crm.customer.changed";

    @EventType(value = TYPE, version = 1)
    record V1(@EventKey String id) {}

    @EventType(value = TYPE, version = 2)
    record V2(@EventKey String id) {}

    @EventType(value = TYPE, version = 3)
    record V3(@EventKey String id) {}

    @EventType(value = "crm.order.placed", kind = EventType.Kind.DELTA)
    record Placed(@EventKey String id) {}

    record Party(String path) {}

    @SyncHandler(value = "billing", deletes = Deletes.IGNORE)
    static class Billing {
        final List<Object> seen = new ArrayList<>();

        @OnEvent(TYPE)
        void on(Party party) {
            seen.add(party.path());
        }
    }

    @SyncHandler(value = "own", deletes = Deletes.IGNORE)
    static final class OwnMapper extends Billing {
        @MapsTo
        Party own(V2 customer) {
            return new Party("own");
        }
    }

    static final class V3ToParty {
        @MapsTo
        Party party(V3 customer) {
            return new Party("3>party");
        }
    }

    static final class V1ToV2 {
        @MapsTo
        V2 lift(V1 customer) {
            return new V2(customer.id() + "1>2>");
        }
    }

    static final class V2ToV3 {
        @MapsTo
        V3 lift(V2 customer) {
            return new V3(customer.id() + "2>3>");
        }
    }

    static final class V1ToV3 {
        @MapsTo
        V3 lift(V1 customer) {
            return new V3(customer.id() + "1>3>");
        }
    }

    static final class IdOfV3 {
        @MapsTo
        Party party(V3 customer) {
            return new Party(customer.id());
        }
    }

    static final class IdOfV2 {
        @MapsTo
        Party party(V2 customer) {
            return new Party(customer.id() + "2>party");
        }
    }

    @Nested
    class MappingPaths {

        @Test
        void liftStepByStepAndTranslateOnce() {
            var billing = new Billing();
            var app = app().handlers(billing).mappers(new V1ToV2(), new V2ToV3(), new IdOfV3());

            app.handle(event(new V1("x")));
            app.handle(event(new V2("x")));
            app.handle(event(new V3("x")));

            assertThat(billing.seen).containsExactly("x1>2>2>3>", "x2>3>", "x");
        }

        @Test
        void preferFewerSteps() {
            var billing = new Billing();
            var app = app().handlers(billing).mappers(new V1ToV2(), new V2ToV3(), new V1ToV3(), new IdOfV3());

            app.handle(event(new V1("x")));

            assertThat(billing.seen).containsExactly("x1>3>");
        }

        @Test
        void ofEqualLengthAreAmbiguous() {
            var app = app().handlers(new Billing())
                    .mappers(new V1ToV2(), new V1ToV3(), new V2ToV3(), new IdOfV3(), new IdOfV2());

            assertThat(app.faults())
                    .singleElement()
                    .asString()
                    .contains("WiringTest.Billing.on takes " + TYPE + " as WiringTest.Party")
                    .contains("from WiringTest.V1 (v1) lead several paths of the same length")
                    .contains("WiringTest.V1ToV2.lift → WiringTest.IdOfV2.party")
                    .contains("WiringTest.V1ToV3.lift → WiringTest.IdOfV3.party");
        }

        @Test
        void endInTheHandlersOwnMapperWhereverThatLeads() {
            var handler = new OwnMapper();
            var app = app().handlers(handler).mappers(new V1ToV2(), new IdOfV2(), new V1ToParty());

            app.handle(event(new V1("x")));
            app.handle(event(new V2("x")));

            assertThat(handler.seen).containsExactly("own", "own");
        }

        static final class V1ToParty {
            @MapsTo
            Party party(V1 customer) {
                return new Party("1>party");
            }
        }

        @Test
        void ofOneHandlerAreNotThoseOfAnother() {
            var own = new OwnMapper();
            var other = new Billing();
            var app = app().handlers(own, other).mappers(new IdOfV2());

            app.handle("own", event(new V2("x")));
            app.handle("billing", event(new V2("x")));

            assertThat(own.seen).containsExactly("own");
            assertThat(other.seen).containsExactly("x2>party");
        }

        @Test
        void missingForOneVersionAreAFault() {
            var app = app().handlers(new Billing())
                    .mappers(new V2ToV3(), new IdOfV3())
                    .payloads(V1.class);

            assertThat(app.faults())
                    .singleElement()
                    .asString()
                    .contains("no path leads to it from WiringTest.V1 (v1)")
                    .contains("a @MapsTo that lifts it to a newer version");
        }

        static final class PartyToText {
            @MapsTo
            StringBuilder text(Party party) {
                return new StringBuilder(party.path());
            }
        }

        @SyncHandler(value = "text", deletes = Deletes.IGNORE)
        static final class TakesText {
            @OnEvent(TYPE)
            void on(StringBuilder text) {}
        }

        @Test
        void neverChainTwoTranslations() {
            var app = app().handlers(new TakesText()).mappers(new IdOfV3(), new PartyToText());

            assertThat(app.faults()).singleElement().asString().contains("no path leads to it from WiringTest.V3 (v3)");
        }

        @SyncHandler(value = "old", deletes = Deletes.IGNORE)
        static final class TakesOld {
            @OnEvent
            void on(V1 customer) {}
        }

        @Test
        void neverLeadDownwards() {
            assertThat(app().handlers(new TakesOld()).payloads(V2.class).faults())
                    .singleElement()
                    .asString()
                    .contains("there is the newer WiringTest.V2 (v2): let it take WiringTest.V2");
        }

        record Foreign(String a) {}

        @SyncHandler(value = "foreign", deletes = Deletes.IGNORE)
        static final class TakesForeign {
            final List<Object> seen = new ArrayList<>();

            @OnEvent("x.y.direct")
            void direct(Foreign foreign) {
                seen.add(foreign);
            }

            @OnEvent("x.z.mapped")
            void mapped(Party party) {
                seen.add(party);
            }
        }

        static final class OfMap {
            @MapsTo
            Party party(Map<String, Object> map) {
                return new Party("" + map.get("a"));
            }
        }

        @Test
        void mayBeginAtForeignClassesAndMaps() {
            var handler = new TakesForeign();
            var app = app().handlers(handler).mappers(new OfMap()).payloads(Foreign.class);

            app.handle(event("x.y.direct", 1, "{\"a\":\"1\"}"));
            app.handle(event("x.z.mapped", 4, "{\"a\":2}"));

            assertThat(handler.seen).containsExactly(new Foreign("1"), new Party("2"));
        }

        static final class OfForeign {
            @MapsTo
            Party party(Foreign foreign) {
                return new Party(foreign.a());
            }
        }

        @Test
        void fromTwoForeignSourcesAreAmbiguous() {
            var app = app().handlers(new TakesForeign())
                    .mappers(new OfMap(), new OfForeign())
                    .payloads(Foreign.class);

            assertThat(app.faults()).singleElement().asString().contains("several ways lead to WiringTest.Party");
        }
    }

    @Nested
    class TopicsOfTypes {

        @SyncHandler("all")
        static final class All {
            @OnEvent({"a.b.*", "c.d.e"})
            void on(Event<?> event) {}
        }

        @ParameterizedTest
        @CsvSource({
            "a.b.c, main, a.b",
            "a.b.moved, cache, moved",
            "x.y, main, deep",
            "x.y.z, main, deep",
            "q.r.s, cache, q.r",
            "x, main, ''"
        })
        void areTheTypeWithoutItsLastSegmentOrWhatTheFirstRouteSays(String type, String broker, String topic) {
            var wired = app().broker("main")
                    .broker("cache")
                    .broker("default")
                    .route("a.b.moved", "cache", "moved")
                    .route("x.**", "main", "deep")
                    .route("x.y.z", "cache", "late")
                    .route("a.**", "main", "a.b")
                    .set("routes[0].types", "q.**")
                    .set("routes[0].broker", "cache")
                    .wired();

            if (topic.isEmpty()) {
                assertThatExceptionOfType(ContractException.class)
                        .isThrownBy(() -> wired.topics().of(type))
                        .satisfies(refused -> assertThat(refused.code()).isEqualTo("no.topic"));
            } else {
                assertThat(wired.topics().of(type)).isEqualTo(new Topics.Place(broker, topic));
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"", ".", "a", ".a", "a b.c", "é.x", "..b"})
        void needALegalName(String type) {
            var topics = app().wired().topics();

            assertThatExceptionOfType(ContractException.class).isThrownBy(() -> topics.of(type));
        }

        @Test
        void ofAWildcardAreAllThatRoutesSpreadItOver() {
            var app = app().broker("default")
                    .broker("cache")
                    .handlers(new All())
                    .route("a.b.x", "cache", "x")
                    .route("c.**", "cache", "c");

            assertThat(app.plan("all").topics())
                    .containsExactlyInAnyOrderEntriesOf(Map.of("default", Set.of("a.b"), "cache", Set.of("x", "c")));
            assertThat(app.wired().report())
                    .anyMatch(line -> line.startsWith(
                            "WARNING: routes split the types of a.b over x on cache and a.b on" + " default"));
        }

        @Test
        void thatNoRouteSplitsWarnOfNothing() {
            var app = app().handlers(new All()).route("a.b.*", "default", "whole");

            assertThat(app.wired().report()).noneMatch(line -> line.contains("WARNING"));
            assertThat(app.plan("all").topics()).containsEntry("default", Set.of("whole", "c.d"));
        }
    }

    @Nested
    class Policies {

        @SyncHandler(
                value = "to-erp",
                target = "erp",
                concurrency = 3,
                batch = 7,
                retry = "none",
                timeout = "none",
                rejectOn = IllegalStateException.class,
                holdOn = IOException.class,
                giveUpAfter = "6h",
                modes = Delivery.Mode.LIVE)
        static final class ToErp {
            @OnEvent
            void on(Placed placed) {}
        }

        @Test
        void areBuiltInWhereNobodySaysAnything() {
            var policy = app().lambda("x", Placed.class, (event, delivery) -> Outcome.done())
                    .plan("x")
                    .policy();

            assertThat(policy.concurrency()).isEqualTo(Runtime.getRuntime().availableProcessors());
            assertThat(policy.batch()).isEqualTo(100);
            assertThat(policy.retry())
                    .containsExactly(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(400));
            assertThat(policy.retryLater()).hasSize(5).endsWith(Duration.ofMinutes(15));
            assertThat(policy.timeout()).isEqualTo(Duration.ofMinutes(5));
            assertThat(policy.brakes())
                    .isEqualTo(new Brakes(
                            Optional.of(new Limit(5, 50, Duration.ofSeconds(30))),
                            Duration.ofSeconds(30),
                            Optional.of(new Limit(20, 5, Duration.ofMinutes(1)))));
            assertThat(policy.modes()).containsExactlyInAnyOrder(Delivery.Mode.values());
            assertThat(policy.maxBytes()).isEqualTo(64L << 20);
            assertThat(policy.adopt()).isEmpty();
            assertThat(policy.ignoresDeletes()).isFalse();
        }

        @Test
        void takeTheAnnotation() {
            var policy = app().handlers(new ToErp())
                    .set("defaults.concurrency", "9")
                    .plan("to-erp")
                    .policy();

            assertThat(policy.target()).isEqualTo("erp");
            assertThat(policy.concurrency()).isEqualTo(3);
            assertThat(policy.batch()).isEqualTo(7);
            assertThat(policy.retry()).isEmpty();
            assertThat(policy.timeout()).isZero();
            assertThat(policy.giveUpAfter()).isEqualTo(Duration.ofHours(6));
            assertThat(policy.reactions().to(IllegalStateException.class).reaction())
                    .isEqualTo(Reaction.REJECT);
            assertThat(policy.reactions().to(IOException.class).reaction()).isEqualTo(Reaction.HOLD);
            assertThat(policy.modes()).containsExactly(Delivery.Mode.LIVE);
        }

        @Test
        void takeSettingsOverAll() {
            var policy = app().handlers(new ToErp())
                    .set("handlers.TOERP.concurrency", "2")
                    .set("handlers.to-erp.modes", "live replay")
                    .set("handlers.to-erp.adopt", "s1 s2")
                    .set("handlers.to-erp.timeout", "30s")
                    .set("defaults.max-bytes", "1MiB")
                    .set("defaults.dead-letter-brake", "off")
                    .set("handlers.to-erp.breaker", "7 keys 80% 2m")
                    .set("handlers.to-erp.breaker-pause", "5s")
                    .plan("to-erp")
                    .policy();

            assertThat(policy.concurrency()).isEqualTo(2);
            assertThat(policy.modes()).containsExactlyInAnyOrder(Delivery.Mode.LIVE, Delivery.Mode.REPLAY);
            assertThat(policy.adopt()).containsExactlyInAnyOrder("s1", "s2");
            assertThat(policy.timeout()).isEqualTo(Duration.ofSeconds(30));
            assertThat(policy.maxBytes()).isEqualTo(1 << 20);
            assertThat(policy.brakes())
                    .isEqualTo(new Brakes(
                            Optional.of(new Limit(7, 80, Duration.ofMinutes(2))),
                            Duration.ofSeconds(5),
                            Optional.empty()));
        }

        private Reaction reaction(String[] settings, Class<? extends Throwable> thrown) {
            var app = app().handlers(new ToErp());
            for (int i = 0; i < settings.length; i += 2) {
                app.set(settings[i], settings[i + 1]);
            }
            return app.plan("to-erp").policy().reactions().to(thrown).reaction();
        }

        @Test
        void nameExceptionsOfWhichTheNearestClassCounts() {
            String[] settings = {
                "defaults.reject-on",
                "java.io.UncheckedIOException",
                "handlers.to-erp.hold-on",
                "java.lang.RuntimeException java.net.ConnectException"
            };

            assertThat(reaction(settings, ConnectException.class)).isEqualTo(Reaction.HOLD);
            assertThat(reaction(settings, IOException.class))
                    .as("the setting replaces holdOn")
                    .isEqualTo(Reaction.RETRY);
            assertThat(reaction(settings, IllegalStateException.class))
                    .as("of the annotation")
                    .isEqualTo(Reaction.REJECT);
            assertThat(reaction(settings, IllegalArgumentException.class)).isEqualTo(Reaction.HOLD);
            assertThat(reaction(settings, UncheckedIOException.class))
                    .as("rejectOn of the annotation replaces the default")
                    .isEqualTo(Reaction.HOLD);
        }

        @Test
        void keepWhatIsBuiltInBesideWiderDeclarations() {
            String[] reject = {"handlers.to-erp.reject-on", "java.lang.Throwable"};
            String[] hold = {"handlers.to-erp.hold-on", "java.lang.Throwable"};

            assertThat(reaction(reject, Exception.class)).isEqualTo(Reaction.REJECT);
            assertThat(reaction(reject, OutboxException.class))
                    .as("the disk is full")
                    .isEqualTo(Reaction.RETRY);
            assertThat(reaction(reject, OutboxFullException.class)).isEqualTo(Reaction.RETRY);
            assertThat(reaction(reject, InterruptedException.class))
                    .as("we stop")
                    .isEqualTo(Reaction.RETRY);
            assertThat(reaction(hold, ContractException.class))
                    .as("never to be read")
                    .isEqualTo(Reaction.REJECT);
            assertThat(reaction(hold, AssertionError.class)).isEqualTo(Reaction.REJECT);
        }

        @Test
        void letTheSettingWinWhereTheAnnotationSaysOtherwise() {
            String[] settings = {"handlers.to-erp.hold-on", "java.lang.IllegalStateException"};

            assertThat(reaction(settings, IllegalStateException.class)).isEqualTo(Reaction.HOLD);
        }

        @Test
        void mayTakeAnnotatedExceptionsBack() {
            String[] settings = {"handlers.to-erp.reject-on", "none"};

            assertThat(reaction(settings, IllegalStateException.class)).isEqualTo(Reaction.RETRY);
        }

        static final class Outer {
            static final class Refused extends Exception {
                private static final long serialVersionUID = 1;
            }
        }

        @Test
        void findNestedClassesByEitherName() {
            var binary = Outer.Refused.class.getName();
            for (var name : List.of(binary, binary.replace('$', '.'))) {
                String[] settings = {"handlers.to-erp.reject-on", name};
                assertThat(reaction(settings, Outer.Refused.class)).as(name).isEqualTo(Reaction.REJECT);
            }
        }

        @Test
        void showTheTableOfExceptionsAndWhoSaidSo() {
            var report = app().handlers(new ToErp())
                    .set("handlers.to-erp.hold-on", "java.net.ConnectException")
                    .wired()
                    .report();

            assertThat(report)
                    .containsSubsequence(
                            "  throws IllegalStateException → a dead letter at once (annotation)",
                            "  throws ConnectException → held: intake pauses, no attempt is spent"
                                    + " (handlers.to-erp.hold-on)",
                            "  throws ContractException → a dead letter at once (built-in)",
                            "  throws anything else → retried, then a dead letter (built-in)")
                    .contains("  give-up-after = 6h (annotation)", "  breaker = 5 keys 50% 30s (built-in)");
        }

        @Test
        void mayDisableAHandlerThatIsCheckedAllTheSame() {
            var app = app().handlers(new ToErp()).set("handlers.to-erp.enabled", "false");

            assertThat(app.wired().plans()).isEmpty();
            assertThat(app.wired().report()).anyMatch(line -> line.contains("disabled by settings"));
        }

        @Test
        void ofTheRuntimeAreReadToo() {
            var settings = app().set("outbox.durability", "disk")
                    .set("outbox.directory", "/var/lib/shop")
                    .set("payload.max-bytes", "2MiB")
                    .set("start", "latest")
                    .set("close-deadline", "5s")
                    .set("name", "app")
                    .wired()
                    .settings();

            assertThat(settings.durability()).isEqualTo(Durability.DISK);
            assertThat(settings.outboxDirectory()).hasToString("/var/lib/shop");
            assertThat(settings.maxPayloadBytes()).isEqualTo(2 << 20);
            assertThat(settings.start()).isEqualTo(Subscription.Start.LATEST);
            assertThat(settings.closeDeadline()).isEqualTo(Duration.ofSeconds(5));
            assertThat(settings.outboxRetention()).isEqualTo(Duration.ofHours(24));
            assertThat(settings.outboxRetentionBytes()).isEqualTo(10L << 30);
        }

        @Test
        void ofBrokersMergeWithTheBuilder() {
            var brokers = app().broker("default")
                    .set("brokers.default.options.client.id", "x")
                    .set("brokers.cache.uri", "redis://h")
                    .wired()
                    .brokers();

            assertThat(brokers)
                    .extracting(Declarations.BrokerDeclaration::name)
                    .containsExactlyInAnyOrder("default", "cache");
            assertThat(brokers.get(0).uri()).isEqualTo("memory://default");
            assertThat(brokers.get(0).options()).containsEntry("client.id", "x");
        }
    }

    @Nested
    class TheReport {

        @Test
        void saysWhatFlowsWhereAndWhoSaidSo() {
            var report = app().name("shop")
                    .handlers(new OwnMapper())
                    .mappers(new V1ToV2())
                    .set("handlers.own.concurrency", "1")
                    .set("defaults.batch", "5")
                    .set("brokers.default.options.password", "canary-1")
                    .wired()
                    .report();

            assertThat(report)
                    .contains(
                            "application shop: brokers default",
                            "handler own (WiringTest.OwnMapper): group shop.own, 1 lane, at-least-once, ordered per key",
                            "  " + TYPE + " v1 WiringTest.V1 → WiringTest.V1ToV2.lift → WiringTest.OwnMapper.own →"
                                    + " WiringTest.Billing.on, topic crm.customer on default",
                            "  " + TYPE + " v2 WiringTest.V2 → WiringTest.OwnMapper.own → WiringTest.Billing.on, topic"
                                    + " crm.customer on default",
                            "  concurrency = 1 (handlers.own.concurrency)",
                            "  batch = 5 (defaults.batch)",
                            "  retry = 100ms 200ms 400ms (built-in)",
                            "  deletes = IGNORE",
                            "outbox.durability = process (built-in)")
                    .noneMatch(line -> line.contains("canary"));
        }
    }

    @Nested
    class Containers {

        @SyncHandler("guice")
        static class Intercepted {
            final AtomicInteger calls = new AtomicInteger();

            @OnEvent
            void on(Placed placed) {
                calls.incrementAndGet();
            }
        }

        @Test
        void mayHavePutASubclassInPlace() {
            var around = new AtomicInteger();
            var injector = Guice.createInjector(new AbstractModule() {
                @Override
                protected void configure() {
                    bindInterceptor(
                            Matchers.only(Intercepted.class), Matchers.annotatedWith(OnEvent.class), invocation -> {
                                around.incrementAndGet();
                                return invocation.proceed();
                            });
                }
            });
            var handler = injector.getInstance(Intercepted.class);
            assertThat(handler.getClass()).isNotEqualTo(Intercepted.class);

            assertThat(app().handlers(handler).handle(event(new Placed("a")))).isEqualTo(Verdict.DONE);
            assertThat(handler.calls).hasValue(1);
            assertThat(around).as("with its advice").hasValue(1);
        }

        @Test
        void mayMakeClasses() {
            var app = app().handlers(Billing.class)
                    .mappers(IdOfV2.class)
                    .instances(type -> type == Billing.class ? new Billing() : new IdOfV2());

            assertThat(app.handle(event(new V2("x")))).isEqualTo(Verdict.DONE);
        }
    }
}
