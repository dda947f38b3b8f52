package dev.syncline.testkit.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** One client's connection and the one to the server that belongs to it. Used by the loop's thread only. */
final class ProxyLink {

    private final SocketChannel client;
    private final SelectionKey clientKey;
    private final SocketChannel server;
    private final SelectionKey serverKey;
    private final ProxyPipe requests;
    private final ProxyPipe responses;

    ProxyLink(
            SocketChannel client,
            InetSocketAddress target,
            Selector selector,
            ProxyFaults requestFaults,
            ProxyFaults responseFaults)
            throws IOException {
        this.client = client;
        this.clientKey = client.register(selector, 0);
        this.server = SocketChannel.open();
        this.server.configureBlocking(false);
        this.server.setOption(StandardSocketOptions.TCP_NODELAY, true);
        this.serverKey = server.register(selector, SelectionKey.OP_CONNECT);
        this.requests = new ProxyPipe(client, server, requestFaults);
        this.responses = new ProxyPipe(server, client, responseFaults);
        try {
            server.connect(target);
        } catch (IOException e) {
            reset();
        }
    }

    /** See {@link ProxyLoop}: nanoseconds until something falls due. */
    long turn(long now) {
        if (isClosed()) {
            return Long.MAX_VALUE;
        }
        try {
            if (!server.isConnected() && !server.finishConnect()) {
                return Long.MAX_VALUE;
            }
            long wait = Math.min(requests.turn(now), responses.turn(now));
            if (requests.mustCut() || responses.mustCut()) {
                cut();
                return Long.MAX_VALUE;
            }
            if (requests.isFinished() && responses.isFinished()) {
                close(client);
                close(server);
                return Long.MAX_VALUE;
            }
            clientKey.interestOps(requests.readInterest() | responses.writeInterest());
            serverKey.interestOps(responses.readInterest() | requests.writeInterest());
            return wait;
        } catch (IOException e) {
            // One side is gone without a farewell: the other one learns it in the same way.
            reset();
            return Long.MAX_VALUE;
        }
    }

    boolean isClosed() {
        return !client.isOpen();
    }

    boolean hasLostBytes() {
        return requests.hasLostBytes() || responses.hasLostBytes();
    }

    void halfClose(TcpProxy.Direction direction) {
        (direction == TcpProxy.Direction.REQUESTS ? requests : responses).finish();
    }

    void reset() {
        reset(client);
        reset(server);
    }

    /** The receiver of the last byte is to get it: a reset might overtake it. */
    private void cut() {
        if (requests.mustCut()) {
            close(server);
            reset(client);
        } else {
            close(client);
            reset(server);
        }
    }

    private static void reset(@Nullable SocketChannel channel) {
        if (channel == null) {
            return;
        }
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // Closed already.
        }
        close(channel);
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It is unusable either way.
        }
    }
}
