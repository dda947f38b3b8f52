package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Broker;
import dev.syncline.spi.SendResult.Failed;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Who may use a Redis, and which Redis may be used. Input 57. */
class AccessTest {

    @Nested
    class WithUsers {

        @RealRedis(exclusive = true)
        static RedisServer redis;

        private Rig rig;

        @BeforeEach
        void open() {
            rig = Rig.with(redis, 2);
        }

        @AfterEach
        void close() {
            redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
            redis.command("CONFIG", "SET", "requirepass", "");
            rig.close();
        }

        /** What the documentation of the provider asks for, and nothing else. */
        @Test
        void documentedPermissionsAreEnough() {
            user(
                    "~{" + rig.topic + ":*",
                    "~syncline:{" + rig.group + "}:*",
                    "+@stream",
                    "+@hash",
                    "+@sortedset",
                    "+sadd",
                    "+sismember",
                    "+smembers",
                    "+exists",
                    "+del",
                    "+time",
                    "+eval",
                    "+evalsha",
                    "+info",
                    "+ping",
                    "+client");
            var client = client();

            check(client);
            var producer = client.producer();
            Rig.results(producer, rig.messages("k", 5));
            producer.close();
            var reader = rig.reader(client);
            reader.take(5);
            reader.acknowledge(reader.last());
            reader.close();
            client.forgetGroup(rig.group, Reader.PATIENCE);

            assertThat(rig.command("EXISTS", Keys.group(rig.partition(0), rig.group)))
                    .isEqualTo(0L);
        }

        @Test
        void deniedCommandIsNamedWithItsKeyAtTheCheck() {
            user("~*", "+@all", "-xadd");

            assertThatThrownBy(() -> check(client()))
                    .satisfies(AccessTest::isRefused)
                    .hasMessageContaining("XADD of {" + rig.topic + ":0}")
                    .hasMessageContaining("ACL");
        }

        @Test
        void deniedCommandOfAConsumerIsNamedAtTheCheck() {
            user("~*", "+@all", "-xreadgroup");

            assertThatThrownBy(() -> check(client()))
                    .satisfies(AccessTest::isRefused)
                    .hasMessageContaining("XREADGROUP of {" + rig.topic + ":0}")
                    .hasMessageContaining(rig.topic);
        }

        @Test
        void deniedKeysOfAGroupAreNamedAtTheCheck() {
            user("~{" + rig.topic + ":*", "+@all");

            assertThatThrownBy(() -> check(client()))
                    .satisfies(AccessTest::isRefused)
                    .hasMessageContaining("syncline:{" + rig.group + "}");
        }

        @Test
        void deniedCommandAtWorkIsRefused() {
            user("~*", "+@all", "-xadd");

            var results = Rig.results(client().producer(), rig.messages("k", 1));

            assertThat(results.get(0)).isInstanceOfSatisfying(Failed.class, failed -> {
                isRefused(failed.reason());
                assertThat(failed.reason()).hasMessageContaining(rig.topic);
            });
        }

        /** What the user may do again works without anybody starting anything. */
        @Test
        void permissionThatIsGivenLaterIsUsed() {
            user("~*", "+@all", "-xreadgroup");
            rig.send("k", 3);
            var reader = rig.reader(client());
            isRefused(reader.refusal());

            user("~*", "+@all");

            var end = System.nanoTime() + Reader.PATIENCE.toNanos();
            while (reader.received.size() < 3 && System.nanoTime() - end < 0) {
                try {
                    reader.poll();
                } catch (BrokerException still) {
                    isRefused(still);
                }
            }
            assertThat(reader.ids()).containsExactly("k#0", "k#1", "k#2");
        }

        /** Ends of waits are forbidden: then they end by themselves. */
        @Test
        void withoutClientCommandsEverythingWorks() {
            user("~*", "+@all", "-client");
            var reader = rig.reader(client()).untilOwning(2);

            rig.send("k", 3);

            assertThat(reader.take(3)).containsExactly("k#0", "k#1", "k#2");
        }

        @Test
        void wrongPasswordIsRefused() {
            user("~*", "+@all");
            var client = rig.client("user", "app", "password", "wrong");

            assertThatThrownBy(() -> check(client))
                    .satisfies(AccessTest::isRefused)
                    .hasMessageContaining("password")
                    .hasMessageNotContaining("secret");
            isRefused(rig.reader(client).refusal());
        }

        @Test
        void passwordAloneIsEnoughForTheDefaultUser() {
            redis.command("CONFIG", "SET", "requirepass", "canary");
            var uri = redis.uri().replace("redis://", "redis://:canary@");
            try {
                check(rig.clientAt(uri));
                assertThatThrownBy(() -> check(rig.client()))
                        .satisfies(AccessTest::isRefused)
                        .hasMessageContaining("password");
            } finally {
                try (var admin = new RawConnection(redis)) {
                    admin.send("AUTH", "canary");
                    admin.send("CONFIG", "SET", "requirepass", "");
                }
            }
        }

        @Test
        void keyOfAnotherTypeIsNamed() {
            rig.command("SET", rig.stream(), "something else");

            assertThatThrownBy(() -> check(rig.client()))
                    .satisfies(AccessTest::isRefused)
                    .hasMessageContaining(rig.stream())
                    .hasMessageContaining("another type");
            var results = Rig.results(rig.client().producer(), rig.messages(keyOfPartition(0), 1));
            assertThat(results.get(0)).isInstanceOfSatisfying(Failed.class, failed -> {
                isRefused(failed.reason());
                assertThat(failed.reason()).hasMessageContaining(rig.stream());
            });
            isRefused(rig.reader().refusal());
        }

        @Test
        void serverThatEvictsStreamsIsRefused() {
            redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");

            assertThatThrownBy(() -> check(rig.client()))
                    .satisfies(AccessTest::isRefused)
                    .hasMessageContaining("maxmemory-policy")
                    .hasMessageContaining("allkeys-lru")
                    .hasMessageContaining("noeviction");
        }

        /** Our keys have no time to live, so that such a server does not touch them: a warning is enough. */
        @Test
        void serverThatEvictsWhatExpiresIsTaken() {
            redis.command("CONFIG", "SET", "maxmemory-policy", "volatile-lru");

            check(rig.client());
        }

        private void user(String... rules) {
            var command = new ArrayList<>(List.of("ACL", "SETUSER", "app", "reset", "on", ">secret"));
            command.addAll(List.of(rules));
            redis.command(command.toArray(new String[0]));
        }

        private Broker client() {
            return rig.client("user", "app", "password", "secret");
        }

        private void check(Broker client) {
            client.check(Set.of(rig.topic), Set.of(rig.topic), rig.group, Reader.PATIENCE);
        }

        private String keyOfPartition(int partition) {
            for (int i = 0; ; i++) {
                if (Partitioner.partition(rig.message("k" + i, "1"), 2) == partition) {
                    return "k" + i;
                }
            }
        }
    }

    @Nested
    class OnAReplica {

        @RealRedis(exclusive = true)
        static RedisServer redis;

        private Rig rig;

        @BeforeEach
        void open() {
            rig = Rig.with(redis, 1);
            // of a master that is not there: it keeps what it has, and takes nothing
            redis.command("REPLICAOF", "127.0.0.1", "1");
        }

        @AfterEach
        void close() {
            redis.command("REPLICAOF", "NO", "ONE");
            rig.close();
        }

        @Test
        void replicaIsRefused() {
            assertThatThrownBy(() -> rig.client().check(Set.of(rig.topic), Set.of(), "", Reader.PATIENCE))
                    .satisfies(AccessTest::isRefused)
                    .hasMessageContaining("replica");
        }

        @Test
        void masterThatBecomesAReplicaRefuses() {
            var results = Rig.results(rig.client().producer(), rig.messages("k", 1));

            assertThat(results.get(0)).isInstanceOfSatisfying(Failed.class, failed -> {
                isRefused(failed.reason());
                assertThat(failed.reason()).hasMessageContaining("replica").hasMessageContaining(rig.stream());
            });
        }
    }

    @Nested
    class OverTls {

        private final RedisServer redis = RedisServer.builder().tls().start();
        private final Rig rig = new Rig(redis);

        @AfterEach
        void close() {
            rig.close();
            redis.close();
        }

        @Test
        void serverOfATrustedAuthorityIsUsed() {
            rig.client("tls.ca", redis.certificate().toString(), "topics.create", "true")
                    .check(Set.of(rig.topic), Set.of(rig.topic), rig.group, Reader.PATIENCE);
        }

        @Test
        void serverThatNobodyVouchesForIsRefused() {
            assertThatThrownBy(() -> rig.client().check(Set.of(), Set.of(), "", Reader.PATIENCE))
                    .satisfies(AccessTest::isRefused)
                    .hasMessageContaining("tls.ca");
            isRefused(rig.reader().refusal());
        }

        /** The certificate is for 127.0.0.1, and 127.0.0.2 is the same machine. */
        @Test
        void certificateOfAnotherHostIsRefusedUnlessOnlyTheAuthorityCounts() throws IOException {
            try (var other = new Forwarder(new byte[] {127, 0, 0, 2}, redis.port())) {
                var uri = "rediss://127.0.0.2:" + other.port();
                var ca = redis.certificate().toString();

                assertThatThrownBy(() -> check(rig.clientAt(uri, "tls.ca", ca))).satisfies(AccessTest::isRefused);
                check(rig.clientAt(uri, "tls.ca", ca, "tls.verify", "ca"));
                check(rig.clientAt(uri, "tls.verify", "none"));
            }
        }

        private void check(Broker client) {
            client.check(Set.of(), Set.of(), "", Reader.PATIENCE);
        }
    }

    private static void isRefused(Throwable thrown) {
        assertThat(thrown)
                .isInstanceOfSatisfying(
                        BrokerException.class,
                        failure -> assertThat(failure.isRetryable())
                                .as("retryable: %s", failure)
                                .isFalse());
    }
}
