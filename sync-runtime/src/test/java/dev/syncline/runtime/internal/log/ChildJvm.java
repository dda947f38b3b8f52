package dev.syncline.runtime.internal.log;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Another JVM of the same release, with the class path of this one and no flag that is not asked for. What it writes,
 * to either stream, is read line by line; what it had written when it was killed is still there.
 */
public final class ChildJvm implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;

    private ChildJvm(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts a main class. */
    public static ChildJvm start(List<String> flags, Class<?> main, Object... arguments) throws IOException {
        return startWith(List.of(), flags, main, arguments);
    }

    /** Starts a main class by another command, which gets that of the JVM as its arguments. */
    public static ChildJvm startWith(List<String> by, List<String> flags, Class<?> main, Object... arguments)
            throws IOException {
        var command = new ArrayList<>(by);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        for (var argument : arguments) {
            command.add(argument.toString());
        }
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("JDK_JAVA_OPTIONS");
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        return new ChildJvm(builder.start());
    }

    /** The next line, or null at the end. */
    public String line() throws IOException {
        return output.readLine();
    }

    /** Reads up to and including a line that begins so. */
    public String lineWith(String prefix) throws IOException {
        var before = new ArrayList<String>();
        for (var line = line(); line != null; line = line()) {
            if (line.startsWith(prefix)) {
                return line;
            }
            before.add(line);
        }
        throw new AssertionError("no line with " + prefix + " but " + before);
    }

    /** All lines to the end of the process. */
    public List<String> lines() throws IOException {
        var lines = new ArrayList<String>();
        for (var line = line(); line != null; line = line()) {
            lines.add(line);
        }
        return lines;
    }

    /** {@code kill -9}, and waits for the end. */
    public void kill() {
        process.toHandle().destroyForcibly(); // the process itself would close the stream, and what stands in it
        process.onExit().join();
    }

    /** Waits for its exit code. */
    public int exitCode() throws InterruptedException {
        return process.waitFor();
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        kill();
    }
}
