package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import io.lettuce.core.RedisCommandExecutionException;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** The one place where errors of Redis and of its client become ours. */
final class Failures {

    /** An error of the server, known by a word in it, and what it means. */
    private record Known(String sign, boolean retryable, String meaning) {}

    /** Looked for in this order, anywhere in the text: Redis 6 wraps the error of a command in that of its script. */
    private static final List<Known> KNOWN = List.of(
            new Known("WRONGPASS", false, "user or password is wrong: give the options user and password"),
            new Known("NOAUTH", false, "Redis asks for a password: give the options user and password"),
            new Known("invalid password", false, "the password is wrong: give the option password"),
            new Known("without any password configured", false, "Redis has no password: drop the option password"),
            new Known("NOPERM", false, "permission is denied: extend the ACL of the user"),
            new Known("has no permissions", false, "permission is denied: extend the ACL of the user"),
            new Known("can't run this command", false, "permission is denied: extend the ACL of the user"),
            new Known(
                    "can't access at least one of the keys", false, "permission is denied: extend the ACL of the user"),
            new Known("WRONGTYPE", false, "a key is of another type: something else uses its name"),
            new Known("READONLY", false, "this is a read-only replica: give the address of the master"),
            new Known("MOVED", false, "this is a node of a Redis Cluster, which is not supported"),
            new Known("CROSSSLOT", false, "this is a node of a Redis Cluster, which is not supported"),
            new Known("unknown command", false, "this server lacks a command: Redis 6.2 or newer is needed"),
            new Known("DB index is out of range", false, "the database does not exist: correct the option database"),
            new Known("too large", false, "the message is too large for Redis"),
            new Known("invalid bulk length", false, "the message is larger than proto-max-bulk-len of this Redis"),
            new Known("OOM", true, "Redis is at its maxmemory: raise it, or shorten the retention"),
            new Known("MISCONF", true, "Redis cannot write to its disk"),
            new Known("LOADING", true, "Redis is loading its data"),
            new Known("BUSY", true, "Redis is busy with a script"),
            new Known("MASTERDOWN", true, "the replica has lost its master"),
            new Known("CLUSTERDOWN", true, "the cluster is down"),
            new Known("NOREPLICAS", true, "Redis has too few replicas"),
            new Known("max number of clients", true, "Redis takes no more clients"));

    /** Those that say something about one message only. */
    private static final Set<String> ABOUT_MESSAGE = Set.of("too large", "invalid bulk length");

    private Failures() {}

    /**
     * What to tell.
     *
     * @param what was not possible, such as {@code cannot read {orders:3} from redis://db:6379}
     */
    static BrokerException translate(String what, Throwable failure) {
        var cause = unwrap(failure);
        if (cause instanceof BrokerException already) {
            return already;
        }
        var serverSaid = serverError(cause);
        if (serverSaid != null) {
            return server(what, serverSaid, cause);
        }
        if (isCertificateRefused(cause)) {
            return BrokerException.refused(
                    what + ": the server's certificate is not trusted: give its authority with the option tls.ca",
                    cause);
        }
        return BrokerException.retryable(what + ": Redis is away: " + innermost(cause), cause);
    }

    /** What to tell of an error in the words of the server. */
    static BrokerException server(String what, String serverSaid, @Nullable Throwable cause) {
        var known = known(serverSaid);
        var text =
                what + ": " + (known == null ? "Redis refuses" : known.meaning()) + " (" + shortened(serverSaid) + ")";
        if (known != null && known.retryable()) {
            return BrokerException.retryable(text, cause);
        }
        return known != null && ABOUT_MESSAGE.contains(known.sign())
                ? BrokerException.refusedMessage(text, cause)
                : BrokerException.refused(text, cause);
    }

    /** Whether an error of the server says that a person must change permissions, types or the server. */
    static boolean isForGood(String serverSaid) {
        var known = known(serverSaid);
        return known != null && !known.retryable();
    }

    /**
     * Whether the server itself answered with an error, so that it is sure that nothing more happened; otherwise the
     * answer may have been lost.
     */
    static boolean isAnswer(Throwable failure) {
        return unwrap(failure) instanceof RedisCommandExecutionException;
    }

    /** Of a request without result: why, as far as it says. */
    static Throwable orCancelled(@Nullable Throwable failure) {
        return failure == null ? new CancellationException() : failure;
    }

    private static @Nullable Known known(String serverSaid) {
        for (var known : KNOWN) {
            if (serverSaid.contains(known.sign())) {
                return known;
            }
        }
        return null;
    }

    private static @Nullable String serverError(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof RedisCommandExecutionException) {
                return String.valueOf(at.getMessage());
            }
        }
        return null;
    }

    private static boolean isCertificateRefused(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof CertificateException) {
                return true;
            }
        }
        return false;
    }

    private static String innermost(Throwable failure) {
        var at = failure;
        while (at.getCause() != null) {
            at = at.getCause();
        }
        return at.getMessage() == null ? at.getClass().getSimpleName() : shortened(at.getMessage());
    }

    private static String shortened(String text) {
        var line = text.replaceAll("[\\p{Cntrl}]", " ");
        return line.length() <= 256 ? line : line.substring(0, 256) + "…";
    }

    private static Throwable unwrap(Throwable failure) {
        var at = failure;
        while ((at instanceof CompletionException || at instanceof ExecutionException) && at.getCause() != null) {
            at = at.getCause();
        }
        return at;
    }
}
