package dev.syncline.testkit.server;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A main class of the test class path in a JVM of its own, for tests that kill an application and start it again.
 *
 * <p>The child has no JVM flags but the ones it is given and a few that make its start fast and its heap small: flags of the
 * test's own JVM do not reach it, nor do {@code JAVA_TOOL_OPTIONS} and {@code JDK_JAVA_OPTIONS}. It speaks to the test by lines
 * on its standard output, which are kept even if it is killed right after it wrote them. What it writes to its standard error
 * is quoted in failures.
 *
 * <pre>{@code
 * try (ChildJvm shop = ChildJvm.of(ShopMain.class).args(broker.uri(), data.toString()).start()) {
 *     shop.awaitLine("ready", Duration.ofSeconds(20));
 *     shop.kill();
 * }
 * }</pre>
 *
 * <p>Threading: any thread.
 */
public final class ChildJvm implements AutoCloseable {

    private final ChildProcess process;
    private final Watchdog watchdog;
    private final OutputFile errors;
    private final @Nullable ClassDataArchive archive;
    private final Thread reader;
    private final Object monitor = new Object();
    private final List<String> lines = new ArrayList<>();
    private boolean outputEnded;
    private int awaited;

    private ChildJvm(ChildProcess process, Watchdog watchdog, OutputFile errors, @Nullable ClassDataArchive archive) {
        this.archive = archive;
        this.process = process;
        this.watchdog = watchdog;
        this.errors = errors;
        this.reader = new Thread(this::read, "child-jvm-output-" + process.pid());
        this.reader.setDaemon(true);
    }

    /** Names the class to run; see {@link Builder#start()}. */
    public static Builder of(Class<?> mainClass) {
        return new Builder(mainClass.getName());
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.process().getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                add(line);
            }
        } catch (IOException e) {
            // The pipe broke: there is nothing more to read.
        } finally {
            synchronized (monitor) {
                outputEnded = true;
                monitor.notifyAll();
            }
        }
    }

    private void add(String line) {
        synchronized (monitor) {
            lines.add(line);
            monitor.notifyAll();
        }
    }

    /**
     * Waits for the next line in which the regular expression is found, and returns it. Looks only behind the line that the
     * call before has returned, so a series of calls follows the child's story.
     *
     * @throws ServerException if the child ends without such a line, or it does not come in time
     */
    public String awaitLine(String regex, Duration atMost) {
        return awaitLine(Pattern.compile(regex).asPredicate(), "a line like " + regex, atMost);
    }

    /** As {@link #awaitLine(String, Duration)}, with a condition instead of an expression. */
    public String awaitLine(Predicate<String> condition, Duration atMost) {
        return awaitLine(condition, "such a line", atMost);
    }

    /** Passes over all lines so far: the next {@code awaitLine} looks only at those that come from now on. */
    public void skipLines() {
        synchronized (monitor) {
            awaited = lines.size();
        }
    }

    private String awaitLine(Predicate<String> condition, String what, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            String line = nextLine(deadline, what, atMost);
            if (condition.test(line)) {
                return line;
            }
        }
    }

    private String nextLine(long deadline, String what, Duration atMost) {
        synchronized (monitor) {
            while (awaited == lines.size()) {
                if (outputEnded) {
                    throw new ServerException(this + " ended its output without " + what + story());
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new ServerException(this + " did not write " + what + " within " + atMost + story());
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(monitor, left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new ServerException("interrupted while waiting for " + what + " of " + this, e);
                }
            }
            return lines.get(awaited++);
        }
    }

    private String story() {
        List<String> all = lines();
        String said = all.stream()
                .skip(Math.max(0, all.size() - 20))
                .map(line -> "\n    " + line)
                .collect(Collectors.joining());
        return "; its last lines:" + said + "\nits standard error" + errors.quote();
    }

    /** All lines of the standard output so far; after the end of the child, all there ever were. */
    public List<String> lines() {
        if (!process.isAlive()) {
            awaitOutput();
        }
        synchronized (monitor) {
            return List.copyOf(lines);
        }
    }

    /** What the pipe still holds when the child is gone. */
    private void awaitOutput() {
        try {
            reader.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** All that the child has written to its standard error so far. */
    public String errors() {
        return errors.text();
    }

    /**
     * Copies all that the child has written to its standard error so far into a file; there may be much of it.
     *
     * @throws ServerException if the file cannot be written
     */
    public void copyErrors(Path file) {
        try {
            Files.copy(errors.path(), file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ServerException("cannot write " + file, e);
        }
    }

    /**
     * Writes a line to the child's standard input.
     *
     * @throws ServerException if the child does not read any more
     */
    public void send(String line) {
        try {
            OutputStream in = process.process().getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            throw new ServerException("cannot write to " + this, e);
        }
    }

    /** Ends the child by SIGKILL and returns when it is gone; no shutdown hook of it runs. Does nothing if it has ended. */
    public void kill() {
        process.kill();
    }

    /** Asks the child to end (SIGTERM), so that its shutdown hooks run; {@link #awaitExit} says when it has. */
    public void terminate() {
        process.terminate();
    }

    /** Freezes the child by SIGSTOP, as a long pause of its garbage collector or its machine would. */
    public void pause() {
        process.pause();
    }

    /** Lets a paused child go on (SIGCONT). */
    public void resume() {
        process.resume();
    }

    /**
     * Waits for the end of the child and returns its exit code: 137 after {@link #kill()}, 143 after {@link #terminate()}.
     *
     * @throws ServerException if it does not end in time
     */
    public int awaitExit(Duration atMost) {
        if (!process.awaitEnd(atMost)) {
            throw new ServerException(this + " did not end within " + atMost + story());
        }
        return process.exitCode();
    }

    /** Returns true until the child has ended, also while it is paused. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** The process id. */
    public long pid() {
        return process.pid();
    }

    /** Kills the child if it is still there. Idempotent. Its lines can still be read. */
    @Override
    public void close() {
        process.kill();
        awaitOutput();
        if (archive != null) {
            archive.publish(process.exitCode());
        }
        watchdog.close();
    }

    @Override
    public String toString() {
        return process.toString();
    }

    /** What to run and how. Not thread-safe; {@link #start()} may be called again for the next life of the same application. */
    public static final class Builder {

        private final String mainClass;
        private final List<String> jvmArgs = new ArrayList<>();
        private final List<String> args = new ArrayList<>();
        private final Map<String, String> environment = new LinkedHashMap<>();
        private List<Path> classPath = TestClassPath.entries();
        private Path javaHome = Path.of(System.getProperty("java.home"));
        private @Nullable Path workingDirectory;
        private @Nullable SharedClasses classes;

        private Builder(String mainClass) {
            this.mainClass = mainClass;
        }

        /** Adds JVM arguments, behind the fixture's own: {@code -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m}. */
        public Builder jvmArgs(String... arguments) {
            jvmArgs.addAll(List.of(arguments));
            return this;
        }

        /** Adds arguments of the main method. Default: none. */
        public Builder args(String... arguments) {
            args.addAll(List.of(arguments));
            return this;
        }

        /** Sets a variable of the environment, beside those of this JVM. */
        public Builder environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /** Replaces the class path. Default: that of the running tests. */
        public Builder classPath(List<Path> entries) {
            classPath = List.copyOf(entries);
            return this;
        }

        /** Takes the class path that was prepared for fast starts, instead. */
        public Builder classes(SharedClasses prepared) {
            classes = prepared;
            return this;
        }

        /** Takes another JDK. Default: the one that runs the tests. */
        public Builder javaHome(Path home) {
            javaHome = home;
            return this;
        }

        /** Starts the child in this directory. Default: a temporary one, deleted by {@link ChildJvm#close()}. */
        public Builder workingDirectory(Path directory) {
            workingDirectory = directory;
            return this;
        }

        /**
         * Starts the child and returns at once.
         *
         * @throws ServerException if there is no such JVM
         */
        public ChildJvm start() {
            List<String> command = new ArrayList<>();
            command.add(javaHome.resolve("bin").resolve("java").toString());
            command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
            command.addAll(jvmArgs);
            Path directory = TempDirectory.create("child");
            @Nullable
            ClassDataArchive archive = classes == null ? null : classes.archive(directory.resolve("classes.jsa"));
            if (archive != null) {
                command.addAll(archive.flags());
            }
            command.add("-cp");
            command.add(
                    classes == null
                            ? classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator))
                            : classes.classPath());
            command.add(mainClass);
            command.addAll(args);

            OutputFile errors = new OutputFile(directory.resolve("stderr.log"));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory((workingDirectory == null ? directory : workingDirectory).toFile())
                    .redirectError(errors.path().toFile());
            builder.environment().putAll(environment);
            String name = mainClass.substring(mainClass.lastIndexOf('.') + 1);
            Watchdog watchdog = new Watchdog(directory);
            try {
                ChildProcess process = ChildProcess.start(name, builder);
                watchdog.watch(process);
                ChildJvm child = new ChildJvm(process, watchdog, errors, archive);
                child.reader.start();
                return child;
            } catch (ServerException e) {
                watchdog.close();
                throw e;
            }
        }
    }
}
