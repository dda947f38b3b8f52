package dev.syncline.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.platform.engine.discovery.ClassSelector;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The sample classes are run by an engine of their own; they report the servers they got through a static set. */
class RealServersTest {

    /** Servers seen by the samples of the run that is on; the engine runs them on the thread of the test. */
    private static final Set<RedisServer> SEEN = new LinkedHashSet<>();

    private static Events run(Class<?>... samples) {
        SEEN.clear();
        EngineExecutionResults results = EngineTestKit.engine("junit-jupiter")
                .selectors(Stream.of(samples).map(sample -> selectClass(sample)).toArray(ClassSelector[]::new))
                .execute();
        return results.testEvents();
    }

    private static void allSucceed(Class<?>... samples) {
        Events events = run(samples);
        events.assertStatistics(counts -> counts.failed(0).skipped(0).aborted(0));
        assertThat(events.succeeded().count()).isPositive();
    }

    private static void seen(RedisServer redis) {
        assertThat(redis.command("PING")).isEqualTo("PONG");
        SEEN.add(redis);
    }

    @Nested
    class Shared {

        @Test
        void isOneForAllClassesAndAllPlacesAndEndsWithTheRun() {
            allSucceed(InParameters.class, InFields.class, InLifecycle.class);
            assertThat(SEEN).hasSize(1);
            assertThat(SEEN).noneMatch(RedisServer::isRunning);
        }

        @Test
        void isAnotherOneForWhoAsksForAnotherConfiguration() {
            allSucceed(InParameters.class, Configured.class);
            assertThat(SEEN).hasSize(2);
        }

        @Test
        void refusesWhatWouldDisturbOthers() {
            allSucceed(Disturbing.class);
        }
    }

    @Nested
    class Exclusive {

        @Test
        void belongsToOneClassWithItsNestedOnes() {
            allSucceed(InParameters.class, Outer.class, Another.class);
            assertThat(SEEN).hasSize(3);
            assertThat(SEEN).noneMatch(RedisServer::isRunning);
        }

        @Test
        void isBroughtBackBeforeTheNextTestWithItsData() {
            allSucceed(Rough.class);
            assertThat(SEEN).hasSize(1);
        }
    }

    @Test
    void aWrongTypeIsNamed() {
        run(WrongType.class)
                .failed()
                .assertThatEvents()
                .haveExactly(
                        1,
                        event(finishedWithFailure(message(
                                text -> text.contains("@RealRedis belongs on a RedisServer, not on a KafkaServer")))));
    }

    @Test
    void aConfigurationWithoutAValueIsNamed() {
        run(WrongConfiguration.class)
                .failed()
                .assertThatEvents()
                .haveExactly(1, event(finishedWithFailure(message(text -> text.contains("write key=value")))));
    }

    static class InParameters {
        @Test
        void first(@RealRedis RedisServer redis) {
            seen(redis);
        }

        @Test
        void second(@RealRedis RedisServer redis) {
            seen(redis);
        }
    }

    static class InFields {
        @RealRedis
        private static RedisServer forAll;

        @RealRedis
        private RedisServer forEach;

        @BeforeAll
        static void early() {
            seen(forAll);
        }

        @Test
        void both() {
            seen(forEach);
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class InLifecycle {
        InLifecycle(@RealRedis RedisServer redis) {
            seen(redis);
        }

        @BeforeEach
        void early(@RealRedis RedisServer redis) {
            seen(redis);
        }

        @Test
        void nothing() {}
    }

    static class Configured {
        @Test
        void hasIt(@RealRedis(config = "appendfsync=everysec") RedisServer redis) {
            seen(redis);
            assertThat(redis.command("CONFIG", "GET", "appendfsync")).hasToString("[appendfsync, everysec]");
        }
    }

    static class Disturbing {
        @Test
        void refused(@RealRedis RedisServer redis) {
            Stream.<Runnable>of(redis::kill, redis::stop, redis::pause, redis::restart, redis::close)
                    .forEach(change -> assertThatThrownBy(change::run)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("exclusive = true"));
            seen(redis);
        }
    }

    static class Outer {
        @RealRedis(exclusive = true)
        RedisServer redis;

        @Test
        void outer() {
            seen(redis);
        }

        @Nested
        class Inner {
            @Test
            void inner(@RealRedis(exclusive = true) RedisServer same) {
                assertThat(same).isSameAs(redis);
                seen(same);
            }
        }
    }

    static class Another {
        @Test
        void another(@RealRedis(exclusive = true) RedisServer redis) {
            seen(redis);
        }
    }

    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class Rough {
        @RealRedis(exclusive = true)
        static RedisServer redis;

        @RealRedis(proxied = true)
        static RedisServer behindProxy;

        @Test
        @Order(1)
        void kills() {
            redis.command("SET", "k", "v");
            redis.kill();
            behindProxy.proxy().stall();
        }

        @Test
        @Order(2)
        void finds() throws Exception {
            seen(redis);
            assertThat(redis.command("GET", "k")).isEqualTo("v");
            try (RedisConnection client = new RedisConnection(behindProxy.port(), 5_000)) {
                assertThat(client.call("PING")).isEqualTo("PONG");
            }
            redis.pause();
        }

        @Test
        @Order(3)
        void findsAgain() {
            seen(redis);
        }
    }

    static class WrongType {
        @Test
        void wrong(@RealRedis KafkaServer redis) {}
    }

    static class WrongConfiguration {
        @Test
        void wrong(@RealRedis(config = "appendonly") RedisServer redis) {}
    }
}
