package dev.syncline.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChildJvmTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Says what it is asked to say. */
    static final class Talker {
        public static void main(String[] args) throws Exception {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
            System.out.println("flags " + ManagementFactory.getRuntimeMXBean().getInputArguments());
            System.out.println("variable " + System.getenv("GREETING"));
            System.err.println("a word of warning");
            var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            System.out.println("ready " + String.join(",", args));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("exit ")) {
                    System.exit(Integer.parseInt(line.substring(5)));
                }
                System.out.println("heard " + line);
            }
        }
    }

    @Test
    void speaksWithTheChildLineByLine() {
        try (ChildJvm child = ChildJvm.of(Talker.class)
                .args("one", "two")
                .environment("GREETING", "hello")
                .start()) {
            assertThat(child.awaitLine("^ready", PATIENCE)).isEqualTo("ready one,two");
            child.send("first");
            child.send("second");
            assertThat(child.awaitLine("heard", PATIENCE)).isEqualTo("heard first");
            assertThat(child.awaitLine("heard", PATIENCE)).isEqualTo("heard second");
            child.send("exit 3");
            assertThat(child.awaitExit(PATIENCE)).isEqualTo(3);
            assertThat(child.lines()).contains("variable hello", "heard second", "hook");
            assertThat(child.errors()).contains("a word of warning");
        }
    }

    @Test
    void hasTheFlagsItIsGivenAndNoneOfThisJvm() {
        try (ChildJvm child = ChildJvm.of(Talker.class)
                .jvmArgs("-Dcolour=red")
                .environment("JAVA_TOOL_OPTIONS", "--add-opens=java.base/java.lang=ALL-UNNAMED")
                .start()) {
            assertThat(child.awaitLine("^flags", PATIENCE))
                    .contains("-Dcolour=red")
                    .doesNotContain("--add-opens")
                    .doesNotContain("--add-exports");
        }
    }

    @Test
    void aKilledChildRunsNoHookAndItsLastLineIsKept() {
        try (ChildJvm child = ChildJvm.of(Talker.class).start()) {
            child.awaitLine("^ready", PATIENCE);
            child.kill();
            assertThat(child.awaitExit(PATIENCE)).isEqualTo(137);
            assertThat(child.lines()).last().asString().startsWith("ready");
            assertThat(child.isAlive()).isFalse();
        }
    }

    /** Writes lines without end, and after each one its number where it survives. */
    static final class Chatterer {
        public static void main(String[] args) throws Exception {
            try (FileChannel file = FileChannel.open(
                    Path.of("written"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                MappedByteBuffer written = file.map(FileChannel.MapMode.READ_WRITE, 0, Integer.BYTES);
                for (int i = 1; i > 0; i++) {
                    System.out.println("line " + i);
                    written.putInt(0, i);
                }
            }
        }
    }

    @Test
    void nothingOfWhatAKilledChildHasWrittenIsLost(@TempDir Path directory) throws IOException {
        try (ChildJvm child =
                ChildJvm.of(Chatterer.class).workingDirectory(directory).start()) {
            child.awaitLine("^line 20000$", PATIENCE);
            child.kill();
            int written = ByteBuffer.wrap(Files.readAllBytes(directory.resolve("written")))
                    .getInt();
            assertThat(child.lines())
                    .hasSizeGreaterThanOrEqualTo(written)
                    .element(written - 1)
                    .isEqualTo("line " + written);
        }
    }

    @Test
    void aTerminatedChildRunsItsHooks() {
        try (ChildJvm child = ChildJvm.of(Talker.class).start()) {
            child.awaitLine("^ready", PATIENCE);
            child.terminate();
            assertThat(child.awaitExit(PATIENCE)).isEqualTo(143);
            assertThat(child.lines()).last().isEqualTo("hook");
        }
    }

    @Test
    void aPausedChildSaysNothingUntilItGoesOn() {
        try (ChildJvm child = ChildJvm.of(Talker.class).start()) {
            child.awaitLine("^ready", PATIENCE);
            child.pause();
            child.send("are you there");
            assertThatThrownBy(() -> child.awaitLine("heard", Duration.ofMillis(150)))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("did not write a line like heard");
            child.resume();
            assertThat(child.awaitLine("heard", PATIENCE)).isEqualTo("heard are you there");
        }
    }

    @Test
    void aLineThatCannotComeAnyMoreFailsAtOnceAndQuotesTheChild() {
        try (ChildJvm child = ChildJvm.of(Talker.class).start()) {
            child.awaitLine("^ready", PATIENCE);
            child.send("exit 1");
            assertThatThrownBy(() -> child.awaitLine("never", Duration.ofMinutes(2)))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("ended its output")
                    .hasMessageContaining("ready")
                    .hasMessageContaining("a word of warning");
        }
    }

    /** Does not notice the end of anybody. */
    static final class Sleeper {
        public static void main(String[] args) throws Exception {
            System.out.println("ready");
            Thread.currentThread().join();
        }
    }

    /** Starts servers and a child, and says which processes they are and which directories they have. */
    static final class Owner {
        public static void main(String[] args) throws Exception {
            RedisServer redis = RedisServer.start();
            KafkaServer kafka = KafkaServer.start();
            ChildJvm child = ChildJvm.of(Sleeper.class).start();
            child.awaitLine("^ready", PATIENCE);
            // Its first process is not to be taken for its last.
            redis.kill();
            redis.restart();
            System.out.println("processes " + redis.pid() + " " + kafka.pid() + " " + child.pid());
            System.out.println("directories " + redis.directory() + " " + kafka.directory());
            Thread.currentThread().join();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatATestHasStartedEndsWithItEvenIfItIsKilled(boolean killed) {
        try (ChildJvm owner = ChildJvm.of(Owner.class).start()) {
            List<ProcessHandle> processes = words(owner.awaitLine("^processes", Duration.ofSeconds(60))).stream()
                    .map(pid -> ProcessHandle.of(Long.parseLong(pid)).orElseThrow())
                    .toList();
            List<Path> directories = words(owner.awaitLine("^directories", PATIENCE)).stream()
                    .map(Path::of)
                    .toList();
            if (killed) {
                owner.kill();
            } else {
                owner.terminate();
            }
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(processes).noneMatch(ProcessHandle::isAlive);
                assertThat(directories)
                        .allSatisfy(directory -> assertThat(directory).doesNotExist());
            });
        }
    }

    private static List<String> words(String line) {
        return List.of(line.substring(line.indexOf(' ') + 1).split(" ", -1));
    }

    @Test
    void anOrderlyEndLeavesAnArchiveThatTheNextStartUses(@TempDir Path cache) {
        String before = System.getProperty("syncline.test.cache");
        System.setProperty("syncline.test.cache", cache.toString());
        try {
            SharedClasses classes = SharedClasses.ofTests("talker");
            try (ChildJvm first = ChildJvm.of(Talker.class).classes(classes).start()) {
                first.awaitLine("^ready", PATIENCE);
                first.send("exit 0");
                first.awaitExit(PATIENCE);
            }
            try (ChildJvm second = ChildJvm.of(Talker.class)
                    .classes(classes)
                    .jvmArgs("-Xlog:class+load")
                    .start()) {
                second.awaitLine("Talker source: shared objects file \\(top\\)", PATIENCE);
            }
        } finally {
            if (before == null) {
                System.clearProperty("syncline.test.cache");
            } else {
                System.setProperty("syncline.test.cache", before);
            }
        }
    }
}
