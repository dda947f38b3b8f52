package dev.syncline.runtime.internal.remote;

import dev.syncline.api.BrokerException;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.log.LogAwayException;
import dev.syncline.spi.StateFencedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How it stands with a log elsewhere: says each change once, and keeps it for health. Any thread. */
final class RemoteStatus {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteStatus.class);

    private final String handler;
    private final String place;
    private volatile @Nullable String problem = "not read yet";
    private volatile boolean isRead;
    private volatile @Nullable String fenced;

    RemoteStatus(String handler, String place) {
        this.handler = handler;
        this.place = place;
    }

    /** A call failed: what is to be thrown. */
    OutboxException failed(@Nullable Throwable failure) {
        if (failure instanceof StateFencedException taken) {
            return fenced(taken);
        }
        return away(
                String.valueOf(failure == null ? null : failure.getMessage()),
                failure,
                failure instanceof BrokerException known && known.isRetryable());
    }

    /** No answer in time. */
    LogAwayException silent() {
        return away("no answer yet", null, true);
    }

    private LogAwayException away(String why, @Nullable Throwable failure, boolean isExpected) {
        var text = LogText.of(why);
        if (problem == null || !isRead) {
            var first = !text.equals(problem);
            if (first && isExpected) {
                LOG.warn("{}: parked events on {} cannot be used: {}; it goes on when they can", handler, place, text);
            } else if (first) {
                LOG.error("{}: parked events on {} cannot be used: {}; asked again", handler, place, text, failure);
            }
        }
        problem = text;
        return new LogAwayException(place + " cannot be used now: " + text, failure);
    }

    private OutboxException fenced(StateFencedException taken) {
        var text = "another instance has taken the parked events of this handler; end one of both, or let each park"
                + " elsewhere, and restart";
        if (fenced == null) {
            LOG.error("{}: parked events on {}: {} ({})", handler, place, text, taken.getMessage());
        }
        fenced = text;
        return new OutboxException(place + ": " + text, taken);
    }

    /** It answered. */
    void well() {
        if (problem != null && isRead) {
            LOG.info("{}: parked events on {} can be used again", handler, place);
            problem = null;
        }
    }

    /** All of it was read. */
    void read() {
        isRead = true;
        problem = null;
    }

    boolean isFenced() {
        return fenced != null;
    }

    /** @throws OutboxException if it is another's */
    void requireOurs() {
        var text = fenced;
        if (text != null) {
            throw new OutboxException(place + ": " + text);
        }
    }

    /** For health; null if all is well. */
    @Nullable
    String problem() {
        var now = fenced == null ? problem : fenced;
        if (now == null) {
            return null;
        }
        return "parked events on " + place + ": " + now
                + (isRead
                        ? "; what is to be parked waits in memory and holds back its partitions"
                        : "; partitions are read when it is known what is parked");
    }
}
