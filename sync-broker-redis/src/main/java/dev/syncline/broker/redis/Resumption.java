package dev.syncline.broker.redis;

/**
 * Takes leases up on a new connection, under new tokens: what the old connection may still bring is refused from then on.
 *
 * <p>Threading: the polling thread.
 */
final class Resumption {

    private final String group;
    private final String leaseMillis;
    private final Link link;
    private final MissingData missingData;

    Resumption(String group, RedisOptions options, Link link, MissingData missingData) {
        this.group = group;
        this.leaseMillis = String.valueOf(options.leaseTime().toMillis());
        this.link = link;
        this.missingData = missingData;
    }

    void resume(Session session, Iterable<OwnedPartition> partitions) {
        partitions.forEach(one -> resume(session, one));
    }

    private void resume(Session session, OwnedPartition one) {
        long asked = System.nanoTime();
        var token = one.lease.token();
        var request = session.run(Script.RESUME, one.lease.keys(), one.lease.arguments(leaseMillis, group));
        link.on(request, "cannot take up " + one.partition, reply -> {
            if (reply.isOk()) {
                one.lease.resume(reply.text(1), asked);
                resumed(one, reply);
            } else {
                one.lease.refuse(token);
            }
        });
    }

    private void resumed(OwnedPartition one, Reply reply) {
        if (reply.text(2).isEmpty()) {
            return; // no stream or no group: the next fetch finds out
        }
        missingData.check(one, EntryId.parse(reply.text(3)));
        one.reading.resumed(EntryId.parse(reply.text(2)));
    }
}
