package dev.syncline.broker.redis;

import java.util.ArrayList;
import java.util.List;

/**
 * Our right to one partition: a token that every script compares, and a time after which we do not trust it any more,
 * counted from when we asked, so that it ends here before it ends at the server.
 *
 * <p>Threading: made and given a token by the polling thread; renewed and found lost from any.
 */
final class Lease {

    private final List<byte[]> keys;
    private final byte[] owner;
    private final long nanos;
    private volatile String token;
    private volatile long confirmedNanos;
    private volatile boolean suspended;
    private volatile boolean lost;

    /**
     * A lease just acquired.
     *
     * @param nanos how long it lasts
     * @param askedNanos when it was asked for
     */
    Lease(List<byte[]> keys, byte[] owner, String token, long nanos, long askedNanos) {
        this.keys = keys;
        this.owner = owner;
        this.token = token;
        this.nanos = nanos;
        this.confirmedNanos = askedNanos;
    }

    /** Keys of every script under the lease. */
    List<byte[]> keys() {
        return keys;
    }

    String token() {
        return token;
    }

    /** Arguments of a script: what proves the lease, and then these. */
    List<byte[]> arguments(String... more) {
        var arguments = new ArrayList<byte[]>(2 + more.length);
        arguments.add(owner);
        arguments.add(Keys.bytes(token));
        for (var argument : more) {
            arguments.add(Keys.bytes(argument));
        }
        return arguments;
    }

    /** The server confirmed the lease under this token. */
    void confirm(String byToken, long askedNanos) {
        if (byToken.equals(token)) {
            confirmedNanos = askedNanos;
        }
    }

    /** The server knows no such lease. */
    void refuse(String byToken) {
        if (byToken.equals(token)) {
            lost = true;
        }
    }

    /** The connection is gone: nothing under the lease until {@link #resume}. */
    void suspend() {
        suspended = true;
    }

    /** Goes on under a new token. */
    void resume(String newToken, long askedNanos) {
        token = newToken;
        confirmedNanos = askedNanos;
        suspended = false;
    }

    boolean isSuspended() {
        return suspended;
    }

    boolean isLost(long nowNanos) {
        return lost || nowNanos - confirmedNanos > nanos;
    }
}
