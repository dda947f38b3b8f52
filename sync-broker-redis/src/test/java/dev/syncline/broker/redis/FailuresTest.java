package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.BrokerException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import java.net.ConnectException;
import java.security.cert.CertificateException;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailuresTest {

    /** As Redis 6 and Redis 7 put it, directly and out of a script. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "NOPERM this user has no permissions to run the 'xadd' command or its subcommand",
                "ERR Error running script (call to f_5a): @user_script:4: @user_script: 4: The user executing the script"
                        + " can't run this command or subcommand",
                "The user executing the script can't access at least one of the keys mentioned in the command arguments",
                "ERR ACL failure in script: User app has no permissions to run the 'xadd' command",
                "WRONGTYPE Operation against a key holding the wrong kind of value",
                "ERR Error running script (call to f_5a): @user_script:9: WRONGTYPE Operation against a key",
                "READONLY You can't write against a read only replica.",
                "WRONGPASS invalid username-password pair or user is disabled.",
                "NOAUTH Authentication required.",
                "MOVED 3999 127.0.0.1:6381",
                "ERR something that nobody knows"
            })
    void whatAPersonMustChangeIsRefused(String serverSaid) {
        var failure = translate(new RedisCommandExecutionException(serverSaid));

        assertThat(failure.isRetryable()).isFalse();
        assertThat(failure).hasMessageStartingWith("cannot do it: ").hasMessageContaining(serverSaid.substring(0, 20));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LOADING Redis is loading the dataset in memory",
                "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
                "OOM command not allowed when used memory > 'maxmemory'.",
                "MISCONF Errors writing to the AOF file: No space left on device",
                "MASTERDOWN Link with MASTER is down",
                "NOREPLICAS Not enough good replicas to write.",
                "ERR max number of clients reached"
            })
    void whatPassesIsRetryable(String serverSaid) {
        assertThat(translate(new RedisCommandExecutionException(serverSaid)).isRetryable())
                .isTrue();
    }

    @Test
    void noAnswerIsRetryableAndMayHaveArrived() {
        for (var failure : new Throwable[] {
            new RedisCommandTimeoutException("timed out"),
            new RedisConnectionException("cannot connect", new ConnectException("Connection refused")),
            new CompletionException(new java.nio.channels.ClosedChannelException())
        }) {
            assertThat(translate(failure).isRetryable()).isTrue();
            assertThat(Failures.isAnswer(failure)).isFalse();
        }
    }

    @Test
    void errorOfTheServerIsAnAnswer() {
        assertThat(Failures.isAnswer(new CompletionException(new RedisCommandExecutionException("ERR no"))))
                .isTrue();
    }

    /** The client wraps what the server said to the handshake. */
    @Test
    void passwordRefusedWhileConnectingIsRefused() {
        var failure = translate(new RedisConnectionException(
                "Unable to connect", new RedisCommandExecutionException("WRONGPASS invalid username-password pair")));

        assertThat(failure.isRetryable()).isFalse();
    }

    @Test
    void certificateThatIsNotTrustedIsRefused() {
        var handshake = new SSLHandshakeException("PKIX path building failed");
        handshake.initCause(new CertificateException("unable to find valid certification path"));

        var failure = translate(new RedisConnectionException("Unable to connect", handshake));

        assertThat(failure.isRetryable()).isFalse();
        assertThat(failure).hasMessageContaining("tls.ca");
    }

    /** The original is the cause, and nothing is translated twice. */
    @Test
    void causeIsKept() {
        var cause = new RedisCommandTimeoutException("timed out");
        var translated = translate(new CompletionException(cause));

        assertThat(translated).hasCause(cause);
        assertThat(translate(translated)).isSameAs(translated);
    }

    /** Input 62. */
    @Test
    void wordsOfTheServerAreCutAndCleaned() {
        var failure = translate(new RedisCommandExecutionException("ERR \r\n\u001b[31m" + "x".repeat(5000)));

        assertThat(failure.getMessage()).hasSizeLessThan(400).doesNotContain("\n", "\r", "\u001b");
    }

    private static BrokerException translate(Throwable failure) {
        return Failures.translate("cannot do it", failure);
    }
}
