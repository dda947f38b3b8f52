package dev.syncline.testkit.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Addresses for servers: ports below the range from which systems take the local port of outgoing connections.
 *
 * <p>A port inside that range is a trap: while its server is down, a client that tries again and again may be given the very
 * port it dials, meet itself (TCP's simultaneous open) and keep the server from coming back.
 */
final class Loopback {

    /** IPv4 by number: names and the JVM's preference for IPv6 would say something else to each of us. */
    static final String HOST = "127.0.0.1";

    private static final int LOWEST_PORT = 15_000;
    private static final int BEYOND_PORT = 32_000;
    private static final int ATTEMPTS = 200;

    private Loopback() {}

    static InetSocketAddress address(int port) {
        return new InetSocketAddress(host(), port);
    }

    private static InetAddress host() {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }

    /** A port that nobody used a moment ago. Somebody may take it before the server does: be ready to ask again. */
    static int findPort() {
        IOException last = new IOException("no attempt made");
        for (int i = 0; i < ATTEMPTS; i++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, BEYOND_PORT);
            try (ServerSocket probe = new ServerSocket(port, 1, host())) {
                return probe.getLocalPort();
            } catch (IOException e) {
                last = e;
            }
        }
        throw new ServerException("found no free port between " + LOWEST_PORT + " and " + BEYOND_PORT, last);
    }
}
