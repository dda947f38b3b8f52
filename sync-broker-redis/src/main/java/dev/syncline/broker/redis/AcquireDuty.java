package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes partitions that are free, as far as the share of this member allows, and gives up what is above it.
 *
 * <p>Threading: the polling thread.
 */
final class AcquireDuty {

    private final Subscription subscription;
    private final RedisOptions options;
    private final Identity identity;
    private final Link link;
    private final Problems problems;
    private final Topics topics;
    private final Membership membership;
    private final Ownership ownership;
    private final MissingData missingData;
    private final Map<String, Acquisition> rounds = new HashMap<>();

    /**
     * Who asks for leases.
     *
     * @param owner unique
     * @param member for people
     */
    record Identity(String owner, String member) {}

    AcquireDuty(
            Subscription subscription,
            RedisOptions options,
            Identity identity,
            Link link,
            Problems problems,
            Topics topics,
            Membership membership,
            Ownership ownership,
            MissingData missingData) {
        this.subscription = subscription;
        this.options = options;
        this.identity = identity;
        this.link = link;
        this.problems = problems;
        this.topics = topics;
        this.membership = membership;
        this.ownership = ownership;
        this.missingData = missingData;
    }

    void giveUpSurplus() {
        if (link.pair() == null) {
            return;
        }
        var surplus = new ArrayList<OwnedPartition>();
        for (var topic : topics.found()) {
            int quota = membership.quota(topic);
            var ofTopic = ownership.of(topic);
            if (quota >= 0 && ofTopic.size() > quota) {
                surplus.addAll(ofTopic.subList(quota, ofTopic.size()));
            }
        }
        ownership.giveUp(surplus);
    }

    /** Begins a round for each topic of which something is missing and none is under way. */
    void begin() {
        var session = link.commands();
        if (session == null) {
            return;
        }
        for (var topic : topics.found()) {
            int missing = membership.quota(topic) - ownership.of(topic).size();
            if (missing > 0 && !rounds.containsKey(topic.name())) {
                var candidates = membership.order(topic).stream()
                        .map(partition -> new TopicPartition(topic.name(), partition))
                        .filter(ownership::isForeign)
                        .toList();
                var round = new Acquisition(candidates, missing);
                rounds.put(topic.name(), round);
                goOn(session, round);
            }
        }
    }

    private void goOn(Session session, Acquisition round) {
        for (var next = round.next(); next != null; next = round.next()) {
            var partition = next;
            long asked = System.nanoTime();
            var keys = Keys.ofGroup(partition, subscription.group());
            link.on(session.run(Script.ACQUIRE, keys, arguments()), "cannot take " + partition, reply -> {
                if (reply.isOk()) {
                    round.taken(taken(partition, keys, reply, asked));
                } else {
                    round.notTaken();
                    refused(partition, reply);
                }
                goOn(session, round);
            });
        }
    }

    private List<byte[]> arguments() {
        return Keys.list(
                identity.owner(),
                String.valueOf(options.leaseTime().toMillis()),
                subscription.group(),
                Keys.CONSUMER,
                subscription.start() == Subscription.Start.EARLIEST ? "0-0" : "$",
                identity.member());
    }

    private OwnedPartition taken(TopicPartition partition, List<byte[]> keys, Reply reply, long asked) {
        var acquired = Acquired.of(reply);
        var lease = new Lease(
                keys,
                Keys.bytes(identity.owner()),
                acquired.token(),
                options.leaseTime().toNanos(),
                asked);
        var one = new OwnedPartition(partition, subscription.group(), lease, acquired);
        missingData.check(one, acquired);
        return one;
    }

    private void refused(TopicPartition partition, Reply reply) {
        switch (reply.status()) {
            case "HELD" -> {}
            case "MISSING" -> topics.missing(partition.topic());
            case "FOREIGN" ->
                problems.add(BrokerException.refused(
                        "group \"" + subscription.group() + "\" of " + Keys.stream(partition)
                                + " has pending entries of consumer \"" + reply.text(1)
                                + "\", which is not ours: acknowledge or claim them, or use another group",
                        null));
            default -> throw new AssertionError(reply.status());
        }
    }

    /** Owns what rounds that are over have taken. */
    void assign() {
        var taken = new ArrayList<OwnedPartition>();
        for (var round : List.copyOf(rounds.entrySet())) {
            if (round.getValue().isOver()) {
                rounds.remove(round.getKey());
                taken.addAll(round.getValue().taken());
            }
        }
        ownership.assign(taken);
        if (topics.isComplete() && topics.found().stream().allMatch(topic -> membership.quota(topic) == 0)) {
            ownership.assignNothing();
        }
    }

    /** Lets go of what was taken, and nobody was told of. */
    void stop() {
        rounds.values().forEach(round -> ownership.takeBack(round.taken()));
        rounds.clear();
    }

    void disconnected() {
        rounds.clear();
    }
}
