package dev.syncline.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every server has in common, tried with shell scripts in the place of servers. */
class ServerProcessTest {

    /** Answers as soon as its script has written a file named ready. */
    private static final class Script extends ServerProcess {

        private final String text;
        private int prepared;

        Script(String text, Duration startTimeout) {
            super("Script", true, startTimeout);
            this.text = text;
        }

        @Override
        void prepare() {
            prepared++;
        }

        @Override
        List<String> command() {
            return List.of("sh", "-c", text);
        }

        @Override
        boolean answers() {
            return Files.exists(directory().resolve("ready"));
        }

        @Override
        int serverPort() {
            return 1;
        }
    }

    private static void fails(Script script, String... parts) {
        assertThatThrownBy(script::launch)
                .isInstanceOf(ServerException.class)
                .satisfies(failure -> assertThat(failure.getMessage()).contains(parts));
        assertThat(script.directory()).doesNotExist();
        assertThat(script.isRunning()).isFalse();
    }

    @Test
    void aLostPortIsReplacedByAnother() {
        try (Script script = new Script(
                "if [ -e first ]; then touch ready; exec sleep 100; fi; touch first; echo Address already in use; exit 1",
                Duration.ofSeconds(20))) {
            script.launch();
            assertThat(script.prepared).isEqualTo(2);
            assertThat(script.isRunning()).isTrue();
        }
    }

    @Test
    void aPortThatIsLostAgainAndAgainEndsTheAttempts() {
        Script script = new Script("echo Address already in use; exit 1", Duration.ofSeconds(20));
        fails(script, "exit code 1", "Address already in use");
        assertThat(script.prepared).isEqualTo(3);
    }

    @Test
    void anotherFaultIsNotTriedAgain() {
        Script script = new Script("echo no such option >&2; exit 7", Duration.ofSeconds(20));
        fails(script, "exit code 7", "no such option");
        assertThat(script.prepared).isEqualTo(1);
    }

    @Test
    void aServerThatNeverAnswersIsKilledAndQuotedByItsLastFortyLines() {
        Script script = new Script("seq 1 100; exec sleep 100", Duration.ofMillis(300));
        assertThatThrownBy(script::launch)
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("did not answer within PT0.3S")
                .hasMessageContaining("\n    61\n")
                .hasMessageEndingWith("\n    100")
                .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("\n    60\n"));
        assertThat(script.isRunning()).isFalse();
    }

    @Test
    void aServerThatIsSilentIsSaidToBe() {
        fails(new Script("exit 3", Duration.ofSeconds(20)), "exit code 3", "it wrote nothing");
    }
}
