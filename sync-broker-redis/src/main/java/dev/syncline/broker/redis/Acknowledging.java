package dev.syncline.broker.redis;

import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.Position;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * How far one owned partition is done. One request at a time is under way, the highest position of those that came
 * meanwhile follows it; what was not answered is asked again on the next connection.
 *
 * <p>Threading: the polling thread.
 */
final class Acknowledging {

    private final String group;
    private final Lease lease;
    private Position confirmed;
    private @Nullable Acknowledgement wanted;
    private @Nullable Acknowledgement asked;
    private long requests;
    private long askedRequest;
    private long confirmedRequest;

    Acknowledging(String group, Lease lease, Acquired acquired) {
        this.group = group;
        this.lease = lease;
        this.confirmed = acquired.position() == null ? EntryId.ZERO : acquired.position();
    }

    /** Wants this acknowledged. Returns a number for {@link #isConfirmed}. */
    long want(Acknowledgement next) {
        wanted = higher(wanted, next);
        return ++requests;
    }

    boolean isConfirmed(long request) {
        return confirmedRequest >= request;
    }

    /** Whether there is something that the server has not confirmed. */
    boolean isBusy() {
        return wanted != null || asked != null;
    }

    /** The highest position known to be acknowledged. */
    Position confirmed() {
        return confirmed;
    }

    /** Sends what is wanted; null if there is nothing, or something is under way. */
    @Nullable
    CompletionStage<Reply> ask(Session session, boolean hasSought) {
        if (wanted == null || asked != null || lease.isSuspended()) {
            return null;
        }
        asked = wanted;
        askedRequest = requests;
        wanted = null;
        return session.run(
                Script.ACKNOWLEDGE,
                lease.keys(),
                lease.arguments(group, asked.position().toString(), asked.metadata(), hasSought ? "1" : "0"));
    }

    void answered() {
        if (asked != null) {
            confirmed = EntryId.max(confirmed, asked.position());
            confirmedRequest = askedRequest;
            asked = null;
        }
    }

    /** What was asked was not answered. */
    void disconnected() {
        if (asked != null) {
            wanted = wanted == null ? asked : higher(asked, wanted);
            asked = null;
        }
    }

    /** Of two with the same position the later one, whose metadata counts. */
    private static Acknowledgement higher(@Nullable Acknowledgement earlier, Acknowledgement later) {
        return earlier == null || later.position().compareTo(earlier.position()) >= 0 ? later : earlier;
    }
}
