package dev.syncline.testkit.server;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A real server as a child process on a loopback port, with a temporary data directory, for tests that want to see what a
 * client does when the server dies, hangs or comes back.
 *
 * <p>All ways back lead to the same data on the same port: {@link #restart()} after {@link #kill()} or {@link #stop()},
 * {@link #resume()} after {@link #pause()}. {@link #close()} ends the process and deletes the data. The end of the JVM does the
 * same, even by SIGKILL.
 *
 * <p>A server injected by {@link RealKafka} or {@link RealRedis} is shared by all test classes unless it was asked for with
 * {@code exclusive = true}; a shared one refuses all methods that would disturb others.
 *
 * <p>Threading: any thread; the methods that change the server's state are serialised. They block until the change is done.
 */
public abstract class ServerProcess implements AutoCloseable {

    private static final Duration STOP_GRACE = Duration.ofSeconds(60);
    private static final Duration BETWEEN_PROBES = Duration.ofMillis(5);
    private static final int PORT_ATTEMPTS = 3;

    private final String name;
    private final Path directory;
    private final OutputFile output;
    private final Duration startTimeout;
    private final boolean proxied;
    private final Watchdog watchdog;

    private @Nullable ChildProcess process;
    private @Nullable TcpProxy proxy;
    private boolean paused;
    private boolean closed;
    private boolean shared;

    ServerProcess(String name, boolean proxied, Duration startTimeout) {
        this.name = name;
        this.directory = TempDirectory.create(name.toLowerCase(Locale.ROOT));
        this.output = new OutputFile(directory.resolve("server.log"));
        this.startTimeout = startTimeout;
        this.proxied = proxied;
        this.watchdog = new Watchdog(directory);
    }

    /** Chooses ports and writes what the process reads; called before the first start, and again if a port was lost. */
    abstract void prepare() throws IOException;

    /** The program and its arguments. */
    abstract List<String> command();

    /** Asks in the server's own protocol; false while there is no answer or not the one of a server that is ready. */
    abstract boolean answers();

    /** The port on which clients are served. */
    abstract int serverPort();

    /** True if the next end should be an orderly one, because it leaves something behind that is worth the time. */
    boolean endsOrderly() {
        return false;
    }

    /** Called after every end that this class brought about. */
    void ended(int exitCode) {}

    /** First start. Only a server that has started is handed to anybody. */
    final synchronized void launch() {
        try {
            for (int attempt = 1; ; attempt++) {
                prepare();
                if (proxied) {
                    proxy = TcpProxy.to(Loopback.HOST, serverPort());
                }
                prepared();
                try {
                    run();
                    return;
                } catch (ServerException e) {
                    if (attempt == PORT_ATTEMPTS || !output.text().contains("Address already in use")) {
                        throw e;
                    }
                    closeProxy();
                }
            }
        } catch (IOException e) {
            end();
            throw new ServerException("cannot prepare " + name + " in " + directory, e);
        } catch (RuntimeException | Error e) {
            end();
            throw e;
        }
    }

    /** Called when all ports are known, the proxy's too. */
    void prepared() throws IOException {}

    /** Starts the process and waits for its first answer. */
    private void run() {
        ProcessBuilder builder = new ProcessBuilder(command())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.path().toFile()));
        ChildProcess child = ChildProcess.start(name, builder);
        process = child;
        watchdog.watch(child);
        paused = false;
        long deadline = System.nanoTime() + startTimeout.toNanos();
        while (!answers()) {
            if (child.awaitEnd(BETWEEN_PROBES)) {
                throw new ServerException(
                        child + " ended with exit code " + child.exitCode() + " before it answered" + output.quote());
            }
            if (System.nanoTime() - deadline > 0) {
                child.kill();
                throw new ServerException(child + " did not answer within " + startTimeout + output.quote());
            }
        }
    }

    /** Ends the process by SIGKILL and returns when it is gone. Does nothing if it has ended before. */
    public final synchronized void kill() {
        refuseIfShared("kill");
        if (process != null) {
            process.kill();
            paused = false;
        }
    }

    /**
     * Ends the process as an operator would, by SIGTERM, and returns when it is gone. Does nothing if it has ended before.
     *
     * @throws IllegalStateException if it is paused: it could not obey
     */
    public final synchronized void stop() {
        refuseIfShared("stop");
        if (paused) {
            throw new IllegalStateException(name + " is paused; resume or kill it");
        }
        if (process != null) {
            process.terminate(STOP_GRACE);
            ended(process.exitCode());
        }
    }

    /**
     * Freezes the process by SIGSTOP: connections stay open, new ones are accepted by the operating system, nothing answers.
     *
     * @throws IllegalStateException if it does not run
     */
    public final synchronized void pause() {
        refuseIfShared("pause");
        running().pause();
        paused = true;
    }

    /** Lets a paused process go on (SIGCONT). Does nothing if it is not paused. */
    public final synchronized void resume() {
        refuseIfShared("resume");
        if (paused) {
            running().resume();
            paused = false;
        }
    }

    /**
     * Starts the server again with the same data, ports and options, and returns when it answers. One that still runs is
     * stopped first, in an orderly way if it is not paused; for a crash say {@code kill(); restart();}.
     *
     * @throws ServerException if it does not come up within its time
     */
    public final synchronized void restart() {
        refuseIfShared("restart");
        if (closed) {
            throw new IllegalStateException(name + " is closed");
        }
        if (paused) {
            kill();
        } else {
            stop();
        }
        run();
    }

    /** Returns true from the first answer until the process has ended, also while it is paused. */
    public final synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Returns true between {@link #pause()} and {@link #resume()}. */
    public final synchronized boolean isPaused() {
        return paused;
    }

    /** The process id; changes with every restart. */
    public final synchronized long pid() {
        return running().pid();
    }

    /** Where clients connect: the proxy if the server stands behind one, else the server itself; always the loopback. */
    public final String host() {
        return Loopback.HOST;
    }

    /** Where clients connect: the proxy's port if the server stands behind one, else the server's. Kept over restarts. */
    public final synchronized int port() {
        return proxy == null ? serverPort() : proxy.port();
    }

    /**
     * The network between clients and this server, for faults that are not the server's.
     *
     * @throws IllegalStateException if the server was not asked for with a proxy
     */
    public final synchronized TcpProxy proxy() {
        if (proxy == null) {
            throw new IllegalStateException(name + " has no proxy; ask for one with proxied()");
        }
        return proxy;
    }

    /** The server's own directory: data, configuration, captured output. Deleted by {@link #close()}. */
    public final Path directory() {
        return directory;
    }

    /** All that the server has written to its output so far, over all restarts. */
    public final String log() {
        return output.text();
    }

    /** Ends the process and deletes its data. Idempotent; nothing works afterwards. */
    @Override
    public final synchronized void close() {
        refuseIfShared("close");
        end();
    }

    /** Lets no test class touch what others use as well; only the extension ends it, with {@link #end()}. */
    final synchronized void share() {
        shared = true;
    }

    /** Undoes what the test before may have left: paused or dead. */
    final synchronized void revive() {
        if (paused) {
            resume();
        }
        if (!isRunning()) {
            restart();
        }
        if (proxy != null) {
            proxy.heal();
        }
    }

    final synchronized void end() {
        if (closed) {
            return;
        }
        closed = true;
        if (process != null && process.isAlive()) {
            if (endsOrderly() && !paused) {
                process.terminate(STOP_GRACE);
                ended(process.exitCode());
            } else {
                process.kill();
            }
        }
        paused = false;
        closeProxy();
        watchdog.close();
    }

    private void closeProxy() {
        if (proxy != null) {
            proxy.close();
            proxy = null;
        }
    }

    private ChildProcess running() {
        if (process == null || !process.isAlive()) {
            throw new IllegalStateException(name + " does not run" + (closed ? ": it is closed" : ""));
        }
        return process;
    }

    private void refuseIfShared(String what) {
        if (shared) {
            throw new IllegalStateException("cannot " + what + " this " + name
                    + ": it is shared by all test classes; ask for one of your own with exclusive = true");
        }
    }

    @Override
    public String toString() {
        return name + " on " + host() + ":" + serverPort();
    }
}
