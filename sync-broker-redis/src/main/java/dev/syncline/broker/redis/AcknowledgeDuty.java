package dev.syncline.broker.redis;

import java.util.List;

/**
 * Sends what is to be acknowledged, and after the last of it lets go of partitions that were given up.
 *
 * <p>Threading: the polling thread.
 */
final class AcknowledgeDuty {

    private final Link link;
    private final Ownership ownership;

    AcknowledgeDuty(Link link, Ownership ownership) {
        this.link = link;
        this.ownership = ownership;
    }

    void run() {
        var session = link.commands();
        if (session == null) {
            return;
        }
        ownership.all().forEach(one -> acknowledge(session, one));
        for (var one : List.copyOf(ownership.leaving())) {
            acknowledge(session, one);
            if (!one.isReleasing && !one.acknowledging.isBusy()) {
                one.isReleasing = true;
                link.on(
                        session.run(Script.RELEASE, one.lease.keys(), one.lease.arguments()),
                        "cannot let go of " + one.partition,
                        reply -> ownership.leaving().remove(one));
            }
        }
    }

    private void acknowledge(Session session, OwnedPartition one) {
        var token = one.lease.token();
        var request = one.acknowledging.ask(session, one.reading.hasSought());
        if (request == null) {
            return;
        }
        link.on(request, "cannot acknowledge " + one.partition, reply -> {
            if (reply.isOk()) {
                one.acknowledging.answered();
                if (!reply.text(1).isEmpty()) {
                    one.reading.groupMoved(EntryId.parse(reply.text(1)));
                }
            } else {
                one.lease.refuse(token);
                ownership.leaving().remove(one);
            }
        });
    }
}
