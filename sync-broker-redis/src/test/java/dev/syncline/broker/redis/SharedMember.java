package dev.syncline.broker.redis;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.server.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;

/**
 * One of several instances of an application on Redis, state and effects in there, too: each effect is an entry of a list.
 * A key that begins with {@code slow} is held in the handler until the member is told to go on.
 */
final class SharedMember implements AutoCloseable {

    static final int LANES = 2;

    private final RedisClient client;
    private final Sync sync;
    private final Shop shop;

    @EventType("catalog.item.changed")
    record Item(@EventKey String key, @EntityVersion long number) {}

    @SyncHandler(value = "shop", deletes = SyncHandler.Deletes.IGNORE)
    static final class Shop {

        private final RedisCommands<String, String> redis;
        private final String ledger;
        private final String member;
        private final CountDownLatch mayGoOn = new CountDownLatch(1);

        Shop(RedisCommands<String, String> redis, String ledger, String member) {
            this.redis = redis;
            this.ledger = ledger;
            this.member = member;
        }

        @OnEvent("catalog.item.changed")
        void on(Item item) throws InterruptedException {
            System.out.println("began " + item.key() + " " + item.number());
            if (item.key().startsWith("slow")) {
                mayGoOn.await();
            }
            redis.rpush(ledger, item.key() + " " + item.number() + " " + member);
            System.out.println("applied " + item.key() + " " + item.number());
        }
    }

    SharedMember(String uri, String application, String member, Path directory) {
        client = RedisClient.create(uri);
        shop = new Shop(client.connect().sync(), ledger(application), member);
        var options = Map.of("topics.create", "true", "topics.partitions", "4", "lease.time", "1s");
        sync = Sync.builder(application)
                .broker("default", uri, options)
                .state(uri)
                .route("catalog.item.*", "", application + ".item")
                .dataDirectory(directory.resolve(member))
                .settings(Map.of("defaults.concurrency", String.valueOf(LANES), "close-deadline", "5s"))
                .handlers(shop)
                .start();
    }

    static String ledger(String application) {
        return "ledger:" + application;
    }

    static String sequences(String application) {
        return "syncline:state:{" + application + ".shop/default/" + application + ".item}:sequence";
    }

    void publish(String key, long number) {
        sync.publisher().publish(new Item(key, number));
    }

    /** Events taken and neither settled nor let go. */
    long inFlight() {
        return sync.health().handlers().get("shop").inFlight();
    }

    void goOn() {
        shop.mayGoOn.countDown();
    }

    @Override
    public void close() {
        goOn();
        sync.close();
        client.shutdown();
    }

    /** A member as a process: goes on when it reads a line and says when nothing is left, ends when it reads another. */
    static final class Main {

        private Main() {}

        /** Takes uri, application, member, directory. */
        public static void main(String... args) {
            var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            try (var member = new SharedMember(args[0], args[1], args[2], Path.of(args[3]))) {
                System.out.println("started");
                in.readLine();
                member.goOn();
                Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> member.inFlight() == 0);
                System.out.println("has nothing in flight");
                in.readLine();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }

    /** Arguments of {@link Main}. */
    static String[] arguments(RedisServer redis, String application, String member, Path directory) {
        return new String[] {redis.uri(), application, member, directory.toString()};
    }
}
