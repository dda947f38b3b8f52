package dev.syncline.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChildProcessTest {

    @TempDir
    private Path directory;

    private ChildProcess shell(String script) {
        return ChildProcess.start("shell", new ProcessBuilder("sh", "-c", script).directory(directory.toFile()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"kill", "terminate"})
    void whatAChildHasWrittenCanBeReadAfterItsEnd(String end) throws IOException {
        ChildProcess child = shell("echo last words; touch written; exec sleep 100");
        await().until(() -> Files.exists(directory.resolve("written")));
        Consumer<ChildProcess> ending =
                end.equals("kill") ? ChildProcess::kill : process -> process.terminate(Duration.ofSeconds(20));
        ending.accept(child);
        assertThat(child.isAlive()).isFalse();
        assertThat(child.process().getInputStream().readAllBytes()).asString().isEqualTo("last words\n");
    }

    @Test
    void aChildThatIgnoresTheRequestToEndIsKilledAfterTheGrace() {
        ChildProcess child = shell("trap '' TERM; touch written; while true; do sleep 0.01; done");
        await().until(() -> Files.exists(directory.resolve("written")));
        child.terminate(Duration.ofMillis(100));
        assertThat(child.exitCode()).isEqualTo(137);
    }

    @Test
    void killWorksFromAnInterruptedThreadAndKeepsTheInterrupt() {
        ChildProcess child = shell("exec sleep 100");
        Thread.currentThread().interrupt();
        child.kill();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void aDeadChildGetsNoSignal() {
        ChildProcess child = shell("exit 0");
        assertThat(child.awaitEnd(Duration.ofSeconds(20))).isTrue();
        assertThatThrownBy(child::pause)
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("SIGSTOP")
                .hasMessageContaining("has ended");
    }

    @Test
    void aMissingProgramIsNamed() {
        assertThatThrownBy(() -> ChildProcess.start("ghost", new ProcessBuilder("/no/such/program")))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("cannot start ghost")
                .hasMessageContaining("/no/such/program");
    }

    @Test
    void aWatchdogThatIsLetGoKillsItsLastChildAndDeletesTheDirectory() throws IOException {
        Path kept = Files.createDirectories(directory.resolve("data").resolve("deep"));
        Watchdog watchdog = new Watchdog(kept.getParent());
        ChildProcess first = shell("exec sleep 100");
        ChildProcess last = shell("exec sleep 100");
        watchdog.watch(first);
        watchdog.watch(last);
        first.kill();
        watchdog.close();
        watchdog.close();
        assertThat(last.awaitEnd(Duration.ofSeconds(20))).isTrue();
        assertThat(last.exitCode()).isEqualTo(137);
        assertThat(kept.getParent()).doesNotExist();
    }

    @Test
    void aWatchdogForgetsAChildThatHasEnded() {
        Watchdog watchdog = new Watchdog(directory.resolve("none"));
        ChildProcess other = shell("exec sleep 100");
        watchdog.tell("watch " + other.pid());
        watchdog.tell("forget " + other.pid());
        watchdog.close();
        assertThat(other.awaitEnd(Duration.ofMillis(200))).isFalse();
        other.kill();
    }
}
