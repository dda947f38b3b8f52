package dev.syncline.broker.redis;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews leases on a thread of the client, as long as the consumer is polled at all. Polling alone could not: while a
 * partition is given up the polling thread waits, inside {@code onRevoked}, for handlers that have started, and that may
 * take longer than a lease should last; the leases of the other partitions would run out under handlers at work. It
 * decides nothing: what it learns of a lost lease is a mark that the next poll finds.
 *
 * <p>Threading: leases are added and removed by the polling thread.
 */
final class LeaseKeeper {

    private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);

    private final Map<Lease, Boolean> leases = new ConcurrentHashMap<>();
    private final String leaseMillis;
    private final long pollTimeoutNanos;
    private final Mailbox mailbox;
    private final String name;
    private final Future<?> schedule;
    private volatile @Nullable Session session;
    private volatile long polledNanos = System.nanoTime();
    private boolean isIdle;

    LeaseKeeper(Connector connector, Mailbox mailbox, String name) {
        var options = connector.options();
        this.leaseMillis = String.valueOf(options.leaseTime().toMillis());
        this.pollTimeoutNanos = options.pollTimeout().toNanos();
        this.mailbox = mailbox;
        this.name = name;
        this.schedule = connector.every(interval(options.leaseTime()), this::renewAll);
    }

    /** Several tries fit into one lease. */
    private static Duration interval(Duration lease) {
        return lease.dividedBy(4);
    }

    void polled(long nowNanos) {
        polledNanos = nowNanos;
    }

    void use(@Nullable Session current) {
        session = current;
    }

    void add(Lease lease) {
        leases.put(lease, true);
    }

    void remove(Lease lease) {
        leases.remove(lease);
    }

    void stop() {
        schedule.cancel(false);
        leases.clear();
    }

    private void renewAll() {
        var current = session;
        if (current == null || leases.isEmpty()) {
            return;
        }
        if (System.nanoTime() - polledNanos > pollTimeoutNanos) {
            if (!isIdle) {
                isIdle = true;
                log.warn("{} was not polled within poll.timeout: its leases are not renewed any more", name);
            }
            return;
        }
        isIdle = false;
        for (var lease : leases.keySet()) {
            if (!lease.isSuspended()) {
                try {
                    renew(current, lease);
                } catch (RuntimeException failure) {
                    // a task that throws is never run again, and the other leases would run out
                    log.warn("{}: a lease could not be renewed, it is tried again in time", name, failure);
                }
            }
        }
    }

    private void renew(Session current, Lease lease) {
        long asked = System.nanoTime();
        var token = lease.token();
        current.run(Script.RENEW, lease.keys(), lease.arguments(leaseMillis)).thenAccept(reply -> {
            if (reply.isOk()) {
                lease.confirm(token, asked);
            } else {
                lease.refuse(token);
                mailbox.post(() -> {});
            }
        });
    }
}
