package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import dev.syncline.testkit.server.TcpProxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member that is cut off from the broker in an attempt, ends it when another has the partition, and has it again later. */
class LostWhileAppliedTest {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @RealRedis
    static RedisServer redis;

    @TempDir
    Path directory;

    private final String application = "app-" + UUID.randomUUID().toString().substring(0, 8);
    private final List<String> effects = new CopyOnWriteArrayList<>();

    @EventType("catalog.lamp.changed")
    record Lamp(@EventKey String sku) {}

    /** Waits in its attempt until it may go on; one that is interrupted there has no effect. */
    @SyncHandler(value = "shop", deletes = SyncHandler.Deletes.IGNORE)
    final class Shop {

        private final String member;
        private final CountDownLatch hasBegun = new CountDownLatch(1);
        private final CountDownLatch mayGoOn = new CountDownLatch(1);

        Shop(String member) {
            this.member = member;
        }

        @OnEvent("catalog.lamp.changed")
        void on(Lamp lamp) throws InterruptedException {
            hasBegun.countDown();
            mayGoOn.await();
            effects.add(lamp.sku() + " by " + member);
        }

        void awaitBegun() {
            await().atMost(PATIENCE).until(() -> hasBegun.getCount() == 0);
        }
    }

    private Sync start(String broker, Shop shop) {
        var options = Map.of(
                "topics.create", "true",
                "topics.partitions", "1",
                "lease.time", "1s",
                "command.timeout", "500ms",
                "connect.timeout", "500ms");
        return Sync.builder(application)
                .broker("default", broker, options)
                .state(redis.uri())
                .route("catalog.lamp.*", "", application + ".lamp")
                .dataDirectory(directory.resolve(shop.member))
                .settings(Map.of("close-deadline", "1s"))
                .handlers(shop)
                .start();
    }

    @Test
    void s6_whoAppliedItAndCouldNotSaySoDoesNotApplyItAgain() {
        var address = URI.create(redis.uri());
        var shopOfFirst = new Shop("first");
        var shopOfSecond = new Shop("second");
        try (var proxy = TcpProxy.to(address.getHost(), address.getPort());
                var first = start("redis://" + proxy.host() + ":" + proxy.port(), shopOfFirst)) {
            first.publisher().publish(new Lamp("A-1"));
            shopOfFirst.awaitBegun();
            proxy.stall();
            try (var second = start(redis.uri(), shopOfSecond)) {
                shopOfSecond.awaitBegun();
                shopOfFirst.mayGoOn.countDown();
                await().atMost(PATIENCE)
                        .until(() -> first.health().handlers().get("shop").inFlight() == 0);
                assertThat(second.health().handlers().get("shop").inFlight()).isOne();
            } // interrupted in its attempt
            proxy.heal();
            first.awaitQuiet(PATIENCE);

            assertThat(effects).containsExactly("A-1 by first");
            assertThat(first.health().handlers().get("shop").duplicates()).isOne();
        }
    }
}
