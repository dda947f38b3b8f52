package dev.syncline.testkit.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Ends a child and deletes its directory when this JVM is gone, however it went: a shutdown hook does not run in a JVM that was
 * killed, but its end of a pipe closes in any case. At the other end waits a small shell.
 *
 * <p>It is told of the child's own end, so that it never kills a process that has got the same id later.
 */
final class Watchdog implements AutoCloseable {

    /** An interrupt from the terminal reaches the whole group; the shell has to outlive it. */
    private static final String SCRIPT = "trap '' INT TERM HUP; pid=; "
            + "while read -r what id; do "
            + "if [ \"$what\" = watch ]; then pid=$id; elif [ \"$pid\" = \"$id\" ]; then pid=; fi; "
            + "done; "
            + "if [ -n \"$pid\" ]; then kill -9 \"$pid\" 2>/dev/null; fi; rm -rf \"$1\"";

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ChildProcess shell;
    private final OutputStream orders;

    /**
     * Waits from now on.
     *
     * @param directory to delete in the end
     */
    Watchdog(Path directory) {
        shell = ChildProcess.start(
                "watchdog",
                new ProcessBuilder("sh", "-c", SCRIPT, "syncline-watchdog", directory.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD));
        orders = shell.process().getOutputStream();
    }

    /** Watches this child until it ends, instead of the one before. */
    void watch(ChildProcess child) {
        long pid = child.pid();
        tell("watch " + pid);
        CompletableFuture<Void> unused = child.process().onExit().thenRun(() -> tell("forget " + pid));
    }

    /** {@code watch} or {@code forget} with a process id. */
    synchronized void tell(String order) {
        try {
            orders.write((order + "\n").getBytes(StandardCharsets.US_ASCII));
            orders.flush();
        } catch (IOException e) {
            // Closed, or killed by somebody: then nobody watches, which is no reason to fail a test.
        }
    }

    /** Kills the child if it still runs, and deletes the directory. Idempotent. */
    @Override
    public void close() {
        synchronized (this) {
            try {
                orders.close();
            } catch (IOException e) {
                // It is gone already.
            }
        }
        boolean interrupted = Thread.interrupted();
        if (!shell.awaitEnd(PATIENCE)) {
            shell.kill();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
