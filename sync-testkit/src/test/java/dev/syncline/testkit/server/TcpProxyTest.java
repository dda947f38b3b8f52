package dev.syncline.testkit.server;

import static dev.syncline.testkit.server.TcpProxy.Direction.REQUESTS;
import static dev.syncline.testkit.server.TcpProxy.Direction.RESPONSES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpProxyTest {

    private EchoServer server;
    private TcpProxy proxy;

    @BeforeEach
    void open() throws IOException {
        server = new EchoServer();
        proxy = TcpProxy.to("127.0.0.1", server.port());
    }

    @AfterEach
    void close() {
        proxy.close();
        server.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(proxy.host(), proxy.port());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String hear(Socket socket, int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
    }

    private static String ask(Socket socket, String text) throws IOException {
        say(socket, text);
        return hear(socket, text.length());
    }

    private static void hearsNothing(Socket socket) throws SocketException {
        int before = socket.getSoTimeout();
        socket.setSoTimeout(150);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(before);
    }

    @Test
    void withoutFaultsItForwardsBytesAndTheEndOfThem() throws IOException {
        byte[] sent = new byte[3_000_000];
        new Random(1).nextBytes(sent);
        try (Socket client = connect()) {
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                try {
                    client.getOutputStream().write(sent);
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(sent);
            writer.join();
        }
        assertThat(proxy.delivered(REQUESTS)).isEqualTo(sent.length);
        assertThat(proxy.delivered(RESPONSES)).isEqualTo(sent.length);
        await().until(() -> proxy.connections() == 0);
    }

    @Test
    void delayedBytesComeLaterAndInOrderWithoutWaitingForEachOther() throws IOException {
        proxy.delay(Duration.ofMillis(100));
        try (Socket client = connect()) {
            long start = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                say(client, "message-" + (i % 10));
            }
            assertThat(hear(client, 9)).isEqualTo("message-0");
            long first = System.nanoTime() - start;
            assertThat(hear(client, 9 * 19)).startsWith("message-1message-2").endsWith("message-9");
            long last = System.nanoTime() - start;
            assertThat(Duration.ofNanos(first)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
            // In series the twenty would take four seconds.
            assertThat(Duration.ofNanos(last)).isLessThan(Duration.ofSeconds(3));
        }
    }

    @Test
    void aLimitedRateTakesItsTime() throws IOException {
        proxy.limitRate(100_000);
        try (Socket client = connect()) {
            long start = System.nanoTime();
            assertThat(ask(client, "x".repeat(30_000))).hasSize(30_000);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(250));
        }
    }

    @Test
    void aStallKeepsConnectionsOpenAndLosesNothing() throws IOException {
        try (Socket client = connect()) {
            assertThat(ask(client, "one")).isEqualTo("one");
            proxy.stall();
            say(client, "two");
            hearsNothing(client);
            try (Socket other = connect()) {
                say(other, "three");
                hearsNothing(other);
                proxy.heal();
                assertThat(hear(client, 3)).isEqualTo("two");
                assertThat(hear(other, 5)).isEqualTo("three");
            }
        }
    }

    @Test
    void aSwallowedResponseLeavesTheClientInDoubtThoughTheServerDidIt() throws IOException {
        try (Socket client = connect()) {
            assertThat(ask(client, "one")).isEqualTo("one");
            proxy.swallow(RESPONSES);
            say(client, "two");
            await().until(() -> proxy.swallowed(RESPONSES) == 3);
            assertThat(server.received()).isEqualTo("onetwo");
            hearsNothing(client);
            // What would come now would be read as the answer to something else.
            proxy.heal();
            assertThatThrownBy(() -> ask(client, "three")).isInstanceOf(SocketException.class);
        }
        try (Socket next = connect()) {
            assertThat(ask(next, "four")).isEqualTo("four");
        }
    }

    @Test
    void healingSparesConnectionsThatLostNothing() throws IOException {
        try (Socket client = connect()) {
            assertThat(ask(client, "one")).isEqualTo("one");
            proxy.swallow(RESPONSES);
            proxy.heal();
            assertThat(ask(client, "two")).isEqualTo("two");
        }
    }

    @Test
    void aCutResetsWhatIsOpenAndLetsNewConnectionsIn() throws IOException {
        try (Socket client = connect()) {
            assertThat(ask(client, "one")).isEqualTo("one");
            proxy.cut();
            assertThat(proxy.connections()).isZero();
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            try (Socket next = connect()) {
                assertThat(ask(next, "two")).isEqualTo("two");
            }
        }
    }

    @Test
    void aCutAfterBytesHitsTheMiddleOfARequest() throws IOException {
        try (Socket client = connect()) {
            proxy.cutAfter(REQUESTS, 4);
            say(client, "twelve bytes");
            await().until(() -> proxy.connections() == 0);
            await().until(() -> server.received().length() == 4);
            assertThat(server.received()).isEqualTo("twel");
        }
        try (Socket next = connect()) {
            assertThat(ask(next, "again and again")).isEqualTo("again and again");
        }
    }

    @Test
    void aCutAfterBytesHitsTheMiddleOfAResponse() throws IOException {
        try (Socket client = connect()) {
            proxy.cutAfter(RESPONSES, 5);
            say(client, "twelve bytes");
            assertThat(hear(client, 5)).isEqualTo("twelv");
            await().until(() -> proxy.connections() == 0);
            assertThat(server.received()).isEqualTo("twelve bytes");
        }
    }

    @Test
    void aHalfCloseEndsOneDirectionOnly() throws IOException {
        server.keepOpen();
        try (Socket client = connect()) {
            assertThat(ask(client, "one")).isEqualTo("one");
            proxy.halfClose(RESPONSES);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            say(client, "two");
            await().until(() -> server.received().equals("onetwo"));
        }
    }

    @Test
    void refusedConnectionsAreRefusedUntilItHealsOnTheSamePort() throws IOException {
        try (Socket client = connect()) {
            assertThat(ask(client, "one")).isEqualTo("one");
            proxy.refuse();
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
            assertThat(ask(client, "two")).isEqualTo("two");
            proxy.heal();
            try (Socket next = connect()) {
                assertThat(ask(next, "three")).isEqualTo("three");
            }
        }
    }

    @Test
    void aServerThatIsDownMakesForAReset() throws IOException {
        server.close();
        try (Socket client = connect()) {
            assertThatThrownBy(() -> ask(client, "one")).isInstanceOf(SocketException.class);
        }
        await().until(() -> proxy.connections() == 0);
    }

    @Test
    void manyConnectionsNeedOneThreadAndCloseLeavesNone() throws IOException {
        String name = "tcp-proxy-" + proxy.port();
        Socket[] clients = new Socket[20];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = connect();
            assertThat(ask(clients[i], "client")).isEqualTo("client");
        }
        assertThat(threads(name)).isEqualTo(1);
        assertThat(proxy.connections()).isEqualTo(20);
        proxy.close();
        proxy.close();
        assertThat(threads(name)).isZero();
        for (Socket client : clients) {
            client.close();
        }
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> proxy.stall())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    private static long threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .count();
    }
}
