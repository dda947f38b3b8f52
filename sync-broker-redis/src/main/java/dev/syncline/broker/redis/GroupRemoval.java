package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Drops all that a group has, unless it is in use. One per removal. */
final class GroupRemoval {

    private final Session session;
    private final Deadline deadline;
    private final String group;
    private final String what;

    GroupRemoval(Session session, Deadline deadline, String group) {
        this.session = session;
        this.deadline = deadline;
        this.group = group;
        this.what = "cannot forget group \"" + group + "\"";
    }

    /**
     * Looks at all partitions first, and then drops.
     *
     * @throws BrokerException refused if somebody holds a lease of the group; retryable if there is no answer
     */
    void run() {
        var topics = deadline.await(session.members(Keys.topicsOf(group)), what);
        var partitions = partitions(topics);
        partitions.forEach(partition -> forget(partition, true));
        partitions.forEach(partition -> forget(partition, false));
        deadline.await(session.delete(Keys.ofMembers(group, topics)), what);
    }

    private List<TopicPartition> partitions(Set<String> topics) {
        var partitions = new ArrayList<TopicPartition>();
        for (var name : topics) {
            int count = deadline.await(Topic.partitions(session, name), what).orElse(0);
            partitions.addAll(new Topic(name, count).all());
        }
        return partitions;
    }

    private void forget(TopicPartition partition, boolean onlyLook) {
        var reply = deadline.await(
                session.run(Script.FORGET, Keys.ofGroup(partition, group), Keys.list(group, onlyLook ? "1" : "0")),
                what);
        if (!reply.isOk()) {
            throw BrokerException.refused(
                    what + ": " + reply.text(1) + " reads " + Keys.stream(partition) + "; close it first", null);
        }
    }
}
