package dev.syncline.testkit.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A network path that a test can break: it listens on a loopback port and forwards bytes to a server.
 *
 * <p>Each fault is in force when its method returns, stays so until {@link #heal()} or a method that says otherwise, and adds
 * to the others. Nothing is said about connections that a fault names no word about: they go on.
 *
 * <p>A connection to a server that is down is accepted and then reset, because the proxy learns it too late to refuse.
 *
 * <p>Threading: any thread. A proxy has exactly one thread of its own, whatever the number of connections; {@link #close()}
 * ends it.
 */
public final class TcpProxy implements AutoCloseable {

    /** Which way bytes flow. */
    public enum Direction {
        /** From client to server. */
        REQUESTS,
        /** From server to client. */
        RESPONSES
    }

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    private final ProxyLoop loop;
    private final Thread thread;

    private TcpProxy(ProxyLoop loop) {
        this.loop = loop;
        this.thread = new Thread(loop, "tcp-proxy-" + loop.port());
        this.thread.setDaemon(true);
    }

    /**
     * Starts a proxy on a port of its own choice.
     *
     * @param host of the server behind it
     * @param port of the server behind it; nobody needs to listen there yet
     */
    public static TcpProxy to(String host, int port) {
        try {
            TcpProxy proxy = new TcpProxy(new ProxyLoop(new InetSocketAddress(host, port)));
            proxy.thread.start();
            return proxy;
        } catch (IOException e) {
            throw new ServerException("cannot open a proxy to " + host + ":" + port, e);
        }
    }

    /** Where clients connect. */
    public String host() {
        return Loopback.HOST;
    }

    /** Where clients connect. */
    public int port() {
        return loop.port();
    }

    /** Bytes arrive this much later, both ways, in order; the throughput stays. Zero takes the fault away. */
    public void delay(Duration oneWay) {
        for (Direction direction : Direction.values()) {
            delay(direction, oneWay);
        }
    }

    /** Bytes of one direction arrive this much later, in order; the throughput stays. Zero takes the fault away. */
    public void delay(Direction direction, Duration oneWay) {
        run(() -> loop.faults(direction).delayNanos = oneWay.toNanos());
    }

    /**
     * Limits each connection to so many bytes a second, each way.
     *
     * @param bytesPerSecond at least 1; 0 takes the fault away
     */
    public void limitRate(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("a rate cannot be " + bytesPerSecond);
        }
        run(() -> {
            for (Direction direction : Direction.values()) {
                loop.faults(direction).bytesPerSecond = bytesPerSecond;
            }
        });
    }

    /**
     * A black hole: nothing is read, nothing delivered, connections stay open and new ones are accepted. After
     * {@link #heal()} all goes on where it stood.
     */
    public void stall() {
        run(() -> {
            for (Direction direction : Direction.values()) {
                loop.faults(direction).stalled = true;
            }
        });
    }

    /**
     * Reads the bytes of one direction and throws them away, with the end of the connection if it comes. With
     * {@link Direction#RESPONSES} this is the ambiguous acknowledgement: the server did it, the client never hears.
     *
     * <p>{@link #heal()} cuts the connections that lost bytes, since what would follow makes no sense.
     */
    public void swallow(Direction direction) {
        run(() -> loop.faults(direction).swallowing = true);
    }

    /**
     * Lets so many more bytes of this direction through, counted over all connections, and then cuts the one on which the
     * last of them came: in the middle of a frame, if the number is chosen so. Happens once.
     *
     * @param bytes at least 1
     */
    public void cutAfter(Direction direction, long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("cannot cut after " + bytes + " bytes; cut() does it now");
        }
        run(() -> loop.faults(direction).cutAfter = bytes);
    }

    /** Resets all connections now, on both sides, with what was on its way. New ones are accepted. */
    public void cut() {
        run(loop::cutAll);
    }

    /**
     * Ends one direction of all connections as if the sender had finished; the other direction goes on. What was on its way is
     * delivered first.
     */
    public void halfClose(Direction direction) {
        run(() -> loop.halfClose(direction));
    }

    /** New connections are refused, as if nobody listened. Those that are open go on; {@code refuse(); cut();} ends all. */
    public void refuse() {
        run(loop::stopListening);
    }

    /** Takes all faults away. Connections that have lost bytes are cut, all others go on. */
    public void heal() {
        run(loop::heal);
    }

    /** The number of clients that are connected now. */
    public int connections() {
        return loop.connections();
    }

    /** Bytes handed to the receivers of this direction since the start. */
    public long delivered(Direction direction) {
        return loop.faults(direction).delivered;
    }

    /** Bytes thrown away in this direction since the start: more than 0 says that the sender has answered. */
    public long swallowed(Direction direction) {
        return loop.faults(direction).swallowed;
    }

    /** Closes all connections and the port. Idempotent. */
    @Override
    public void close() {
        loop.end();
        boolean interrupted = Thread.interrupted();
        try {
            thread.join(CLOSE_PATIENCE.toMillis());
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** On the loop's thread, to its end. */
    private void run(Command command) {
        FutureTask<Void> task = new FutureTask<>((Callable<Void>) () -> {
            command.run();
            return null;
        });
        if (!loop.offer(task)) {
            throw new IllegalStateException("the proxy on port " + port() + " is closed");
        }
        try {
            task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerException("interrupted while changing the proxy on port " + port(), e);
        } catch (ExecutionException e) {
            throw new ServerException("the proxy on port " + port() + " cannot do it", e.getCause());
        }
    }

    private interface Command {
        void run() throws IOException;
    }
}
