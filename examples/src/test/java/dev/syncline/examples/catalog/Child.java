package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.testkit.server.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** {@code catalog-sync} in a process of its own, as a user starts it. */
final class Child implements AutoCloseable {

    private static final Pattern PROGRESS = Pattern.compile(".* s  published (\\d+) of .*  applied (\\d+) .*");
    private static final Duration SOON = Duration.ofMinutes(1);
    private static final Duration WHOLE_RUN = Duration.ofMinutes(2);

    private final ChildJvm process;

    private Child(ChildJvm process) {
        this.process = process;
    }

    /** Without options, so that it makes a temporary directory, there. */
    static Child startInTemporary(Path directory) {
        return new Child(ChildJvm.of(CatalogSync.class)
                .jvmArgs("-Djava.io.tmpdir=" + directory)
                .start());
    }

    /** A life of an application whose lives share a directory. */
    static Child start(Path directory, String broker, String... arguments) {
        var all = new ArrayList<>(List.of("--data", directory.toString(), "--broker", broker));
        all.addAll(List.of(arguments));
        return new Child(
                ChildJvm.of(CatalogSync.class).args(all.toArray(String[]::new)).start());
    }

    /** Waits until that many changes are published in all, and at least one was applied in this life. */
    void awaitPublished(long number) {
        process.awaitLine(
                line -> {
                    var progress = PROGRESS.matcher(line);
                    return progress.matches()
                            && Long.parseLong(progress.group(1)) >= number
                            && Long.parseLong(progress.group(2)) > 0;
                },
                SOON);
    }

    /** SIGKILL. */
    void kill() {
        process.kill();
    }

    /** Waits for its own end, and asserts what it must have said by then. */
    void assertEndsInSync(long events) {
        int code = process.awaitExit(WHOLE_RUN);
        var lines = process.lines();
        var last = "in sync: " + events + " events, 0 missing, 0 extra, 0 stale";

        assertThat(lines)
                .as("standard output; standard error: %s", process.errors())
                .endsWith(last);
        assertThat(lines).filteredOn(line -> line.startsWith("in sync")).containsExactly(last);
        assertThat(code).isZero();
    }

    @Override
    public void close() {
        process.close();
    }
}
