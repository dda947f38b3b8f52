package dev.syncline.testkit.server;

import static dev.syncline.testkit.server.TcpProxy.Direction.REQUESTS;
import static dev.syncline.testkit.server.TcpProxy.Direction.RESPONSES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
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
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(client, sent));
            assertThat(client.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
            writer.join();
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(proxy.delivered(REQUESTS)).isEqualTo(sent.length);
        assertThat(proxy.delivered(RESPONSES)).isEqualTo(sent.length);
        await().until(() -> proxy.connections() == 0);
    }

    @Test
    void delayedBytesComeLaterAndInOrder() throws IOException {
        proxy.delay(Duration.ofMillis(100));
        try (Socket client = connect()) {
            long start = System.nanoTime();
            for (int i = 0; i < 10; i++) {
                say(client, "message-" + i);
            }
            assertThat(hear(client, 90))
                    .startsWith("message-0message-1message-2")
                    .endsWith("message-9");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
        }
    }

    @Test
    void delayedBytesDoNotWaitForEachOther() throws IOException {
        proxy.delay(Duration.ofMillis(100));
        try (Socket client = connect()) {
            long start = System.nanoTime();
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(client, new byte[5_000_000]));
            assertThat(client.getInputStream().readNBytes(5_000_000)).hasSize(5_000_000);
            // One after the other, some eighty chunks would take eight seconds.
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
            writer.join();
        }
    }

    private static void write(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aReceiverThatDoesNotReadStopsTheSender() throws IOException {
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TcpProxy before = TcpProxy.to(proxy.host(), deaf.getLocalPort());
                SocketChannel client = SocketChannel.open(Loopback.address(before.port()))) {
            client.configureBlocking(false);
            long enough = 64L << 20;
            AtomicLong written = new AtomicLong();
            await().during(Duration.ofMillis(200))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> written.addAndGet(writeSome(client)) > enough || writeSome(client) == 0);
            assertThat(written).hasValueLessThan(enough);
        }
    }

    private static int writeSome(SocketChannel channel) throws IOException {
        int total = 0;
        for (int written = 1; written > 0 && total < 1 << 20; total += written) {
            written = channel.write(ByteBuffer.allocate(64 * 1024));
        }
        return total;
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
            // Late bytes are on their way, not lost.
            proxy.delay(Duration.ofMillis(50));
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
            proxy.delay(Duration.ofMillis(50));
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
