package dev.syncline.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

class RedisServerTest {

    @Nested
    class LivesAndDies {

        @RealRedis(exclusive = true)
        RedisServer redis;

        @Test
        void whatWasAnsweredIsThereAfterSigkillAndRestart() {
            // given
            int port = redis.port();
            long pid = redis.pid();
            redis.command("XADD", "stock", "*", "sku", "A-1");
            // when
            redis.kill();
            assertThat(redis.isRunning()).isFalse();
            redis.restart();
            // then
            assertThat(redis.command("XLEN", "stock")).isEqualTo(1L);
            assertThat(redis.port()).isEqualTo(port);
            assertThat(redis.pid()).isNotEqualTo(pid);
        }

        @Test
        void anOrderlyStopKeepsTheDataToo() {
            redis.command("SET", "k", "v");
            redis.stop();
            assertThat(redis.log()).contains("ready to exit");
            redis.restart();
            assertThat(redis.command("GET", "k")).isEqualTo("v");
        }

        @Test
        void aPausedServerAcceptsAndIsSilentUntilItGoesOn() throws IOException {
            // given
            redis.pause();
            assertThat(redis.isPaused()).isTrue();
            assertThat(redis.isRunning()).isTrue();
            try (Socket socket = new Socket(redis.host(), redis.port())) {
                socket.setSoTimeout(200);
                socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
                // when
                redis.resume();
                // then
                socket.setSoTimeout(10_000);
                assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("+PONG");
            }
        }

        @Test
        void aPausedServerCanBeKilledAndRestartedButNotStopped() {
            redis.pause();
            assertThatThrownBy(redis::stop)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("resume or kill");
            redis.restart();
            assertThat(redis.isPaused()).isFalse();
            assertThat(redis.command("PING")).isEqualTo("PONG");
        }

        @Test
        void aDeadServerCannotBePaused() {
            redis.kill();
            redis.kill();
            assertThatThrownBy(redis::pause)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("does not run");
        }
    }

    @Test
    void closeEndsTheProcessAndDeletesItsData() {
        RedisServer redis = RedisServer.start();
        ProcessHandle process = ProcessHandle.of(redis.pid()).orElseThrow();
        Path directory = redis.directory();
        redis.close();
        redis.close();
        assertThat(process.isAlive()).isFalse();
        assertThat(directory).doesNotExist();
        assertThatThrownBy(redis::restart)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void aStartThatFailsQuotesTheServer() {
        assertThatThrownBy(() -> RedisServer.builder().config("nonsense", "1").start())
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("exit code 1")
                .hasMessageContaining("nonsense");
    }

    @Test
    void answersAreReadAsWhatTheyAre() {
        try (RedisServer redis = RedisServer.start()) {
            assertThat(redis.command("GET", "nothing")).isNull();
            assertThat(redis.command("SET", "k", "grün")).isEqualTo("OK");
            assertThat(redis.command("GET", "k")).isEqualTo("grün");
            assertThat(redis.command("EVAL", "return {1, 'two', {}}", "0")).hasToString("[1, two, []]");
            assertThatThrownBy(() -> redis.command("INCR", "k"))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("ERR value is not an integer");
            assertThat(redis.version()).matches("[678]\\.\\d+\\.\\d+");
        }
    }

    @Test
    void anonymousClientsAreNobodyWhereThereAreUsers() throws IOException {
        try (RedisServer redis = RedisServer.builder()
                        .user("app", "secret", "~s:*", "+@all", "-flushall")
                        .start();
                RedisConnection client = new RedisConnection(redis.port(), 5_000)) {
            assertThatThrownBy(() -> client.call("GET", "s:1")).hasMessageContaining("NOAUTH");
            assertThatThrownBy(() -> client.call("AUTH", "app", "wrong")).hasMessageContaining("WRONGPASS");
            assertThat(client.call("AUTH", "app", "secret")).isEqualTo("OK");
            assertThat(client.call("SET", "s:1", "v")).isEqualTo("OK");
            assertThatThrownBy(() -> client.call("SET", "t:1", "v")).hasMessageContaining("NOPERM");
            assertThatThrownBy(() -> client.call("FLUSHALL")).hasMessageContaining("NOPERM");
            assertThat(redis.command("GET", "s:1")).isEqualTo("v");
        }
    }

    @Test
    void underTlsAClientThatTrustsTheCertificateIsServed() throws Exception {
        try (RedisServer redis = RedisServer.builder().tls().password("secret").start()) {
            assertThat(redis.uri()).isEqualTo("rediss://127.0.0.1:" + redis.port());
            try (SSLSocket socket = (SSLSocket)
                    trusting(redis.certificate()).getSocketFactory().createSocket(redis.host(), redis.port())) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream().write("AUTH secret\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().readNBytes(3)).asString().isEqualTo("+OK");
            }
            assertThat(redis.command("PING")).isEqualTo("PONG");
        }
    }

    private static SSLContext trusting(Path certificate) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = Files.newInputStream(certificate)) {
            store.setCertificateEntry(
                    "server", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void aPropertyNamesAnotherBinary(@TempDir Path directory) {
        String before = System.setProperty(
                "syncline.test.redis", directory.resolve("no-redis").toString());
        try {
            assertThatThrownBy(RedisServer::start)
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("syncline.test.redis")
                    .hasMessageContaining("no-redis");
        } finally {
            if (before == null) {
                System.clearProperty("syncline.test.redis");
            } else {
                System.setProperty("syncline.test.redis", before);
            }
        }
    }
}
