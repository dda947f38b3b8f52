package dev.syncline.testkit.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A direct child of this JVM and the signals it can be sent.
 *
 * <p>Direct, because then the JVM reaps it: its process id cannot become somebody else's while we hold it. Signals go through
 * its handle: {@link Process#destroy()} closes the pipes too, and with them goes what the child has written last.
 */
final class ChildProcess {

    private static final int SIGKILL_DEADLINE_SECONDS = 30;
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(10);
    private static final int BUSY_ATTEMPTS = 20;

    private final String name;
    private final Process process;

    private ChildProcess(String name, Process process) {
        this.name = name;
        this.process = process;
    }

    static ChildProcess start(String name, ProcessBuilder builder) {
        // Flags meant for this JVM must not reach a child by the environment: a test may be about their absence.
        Map<String, String> environment = builder.environment();
        environment.remove("JAVA_TOOL_OPTIONS");
        environment.remove("JDK_JAVA_OPTIONS");
        for (int attempt = 1; ; attempt++) {
            try {
                return new ChildProcess(name, builder.start());
            } catch (IOException e) {
                // A child forked by another thread may still hold the descriptor with which a fresh binary was written.
                boolean busy = String.valueOf(e.getMessage()).contains("Text file busy");
                if (!busy || attempt == BUSY_ATTEMPTS) {
                    throw new ServerException("cannot start " + name + ": " + e.getMessage(), e);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }

    Process process() {
        return process;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int exitCode() {
        return process.exitValue();
    }

    /** Returns true if it has ended; waits that long at most. */
    boolean awaitEnd(Duration atMost) {
        try {
            return process.waitFor(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerException("interrupted while waiting for the end of " + this, e);
        }
    }

    /** SIGKILL; returns once it is gone, also from a thread that was interrupted. A paused process dies too. */
    void kill() {
        process.toHandle().destroyForcibly();
        boolean interrupted = Thread.interrupted();
        try {
            if (!process.waitFor(SIGKILL_DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new ServerException(this + " is still there " + SIGKILL_DEADLINE_SECONDS + " s after SIGKILL");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** SIGTERM; returns at once. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGTERM, and SIGKILL for what has not ended within the grace. */
    void terminate(Duration grace) {
        terminate();
        if (!awaitEnd(grace)) {
            kill();
        }
    }

    /** SIGSTOP; returns once the process stands still. */
    void pause() {
        signal("STOP");
        Path state = Path.of("/proc", Long.toString(pid()), "stat");
        long deadline = System.nanoTime() + STOP_DEADLINE.toNanos();
        while (Files.exists(state) && !isStopped(state)) {
            if (System.nanoTime() - deadline > 0) {
                throw new ServerException(this + " did not stop within " + STOP_DEADLINE);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** SIGCONT. */
    void resume() {
        signal("CONT");
    }

    private static boolean isStopped(Path stat) {
        try {
            String line = Files.readString(stat, StandardCharsets.ISO_8859_1);
            return line.charAt(line.lastIndexOf(')') + 2) == 'T';
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            throw new ServerException("cannot read " + stat, e);
        }
    }

    private void signal(String signal) {
        if (!isAlive()) {
            throw new ServerException("cannot send SIG" + signal + " to " + this + ": it has ended");
        }
        // By the shell, whose kill is built in: small images have no such program.
        ChildProcess shell = start("sh", new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid()));
        if (!shell.awaitEnd(STOP_DEADLINE) || shell.exitCode() != 0) {
            throw new ServerException("cannot send SIG" + signal + " to " + this);
        }
    }

    @Override
    public String toString() {
        return name + " (pid " + pid() + ")";
    }
}
