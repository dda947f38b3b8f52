package dev.syncline.testkit.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The proxy's only thread: takes commands, accepts, moves bytes. All state belongs to it but the counters.
 *
 * <p>Each turn looks at every connection. A test has a handful.
 */
final class ProxyLoop implements Runnable {

    private static final int LISTEN_ATTEMPTS = 20;

    private final InetSocketAddress target;
    private final Selector selector;
    private final ProxyFaults requests = new ProxyFaults();
    private final ProxyFaults responses = new ProxyFaults();
    private final List<ProxyLink> links = new ArrayList<>();
    private final Queue<FutureTask<Void>> commands = new ConcurrentLinkedQueue<>();
    private final int port;
    private @Nullable ServerSocketChannel listener;
    private volatile int connections;
    private volatile boolean ending;
    private boolean ended;

    ProxyLoop(InetSocketAddress target) throws IOException {
        this.target = target;
        this.selector = Selector.open();
        this.listener = listenAnywhere(selector);
        this.port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    private static ServerSocketChannel listenAnywhere(Selector selector) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return listen(selector, Loopback.findPort());
            } catch (IOException e) {
                if (attempt == LISTEN_ATTEMPTS) {
                    selector.close();
                    throw e;
                }
            }
        }
    }

    private static ServerSocketChannel listen(Selector selector, int port) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(Loopback.address(port));
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
            return listener;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    int port() {
        return port;
    }

    int connections() {
        return connections;
    }

    ProxyFaults faults(TcpProxy.Direction direction) {
        return direction == TcpProxy.Direction.REQUESTS ? requests : responses;
    }

    /** Any thread. False if the loop has ended; then the task never runs. */
    boolean offer(FutureTask<Void> task) {
        synchronized (commands) {
            if (ended) {
                return false;
            }
            commands.add(task);
        }
        selector.wakeup();
        return true;
    }

    /** Any thread. */
    void end() {
        ending = true;
        selector.wakeup();
    }

    @Override
    public void run() {
        try {
            while (!ending) {
                runCommands();
                select(turn(System.nanoTime()));
            }
        } catch (IOException e) {
            throw new ServerException("the proxy on port " + port + " failed", e);
        } finally {
            shutDown();
        }
    }

    private void select(long waitNanos) throws IOException {
        if (waitNanos == 0) {
            selector.selectNow();
        } else if (waitNanos == Long.MAX_VALUE) {
            selector.select();
        } else {
            selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNanos)));
        }
        selector.selectedKeys().clear();
    }

    /** Does what can be done now; returns after how many nanoseconds something falls due, {@code MAX_VALUE} for never. */
    private long turn(long now) throws IOException {
        accept();
        long wait = Long.MAX_VALUE;
        for (ProxyLink link : links) {
            wait = Math.min(wait, link.turn(now));
        }
        if (links.removeIf(ProxyLink::isClosed)) {
            connections = links.size();
        }
        return wait;
    }

    private void accept() throws IOException {
        ServerSocketChannel open = listener;
        if (open == null) {
            return;
        }
        for (SocketChannel client = open.accept(); client != null; client = open.accept()) {
            client.configureBlocking(false);
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            links.add(new ProxyLink(client, target, selector, requests, responses));
            connections = links.size();
        }
    }

    private void runCommands() {
        for (FutureTask<Void> task = commands.poll(); task != null; task = commands.poll()) {
            task.run();
        }
    }

    void cutAll() throws IOException {
        links.forEach(ProxyLink::reset);
        links.clear();
        connections = 0;
        letGo();
    }

    void halfClose(TcpProxy.Direction direction) {
        links.forEach(link -> link.halfClose(direction));
    }

    void stopListening() throws IOException {
        if (listener != null) {
            listener.close();
            listener = null;
            letGo();
        }
    }

    /** A closed channel keeps its socket until the selector has dropped its key. */
    private void letGo() throws IOException {
        selector.selectNow();
    }

    void heal() throws IOException {
        requests.clear();
        responses.clear();
        links.stream().filter(ProxyLink::hasLostBytes).forEach(ProxyLink::reset);
        letGo();
        if (listener == null) {
            listener = listen(selector, port);
        }
    }

    private void shutDown() {
        synchronized (commands) {
            ended = true;
        }
        try {
            cutAll();
            stopListening();
            selector.close();
        } catch (IOException e) {
            // Nothing is left to be done about it.
        }
        // Whoever waits for a command gets its answer, even though it has no effect any more.
        runCommands();
    }
}
