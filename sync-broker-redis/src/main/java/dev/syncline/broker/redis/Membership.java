package dev.syncline.broker.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/**
 * Who is alive in a group, topic by topic, as the server said last. A member counts as alive for as long as a lease lasts
 * after it said so.
 *
 * <p>Threading: the polling thread.
 */
final class Membership {

    private static final Duration SELDOM = Duration.ofSeconds(1);

    private final String group;
    private final String owner;
    private final List<String> topics;
    private final String aliveMillis;
    private final long intervalNanos;
    private final Map<String, List<String>> alive = new TreeMap<>();
    private final Heartbeats heartbeats = new Heartbeats();
    private long nextNanos = System.nanoTime();
    private long answeredNanos;
    private boolean isAsking;

    Membership(String group, String owner, Iterable<String> topics, Duration lease) {
        this.group = group;
        this.owner = owner;
        this.topics = new ArrayList<>();
        topics.forEach(this.topics::add);
        this.aliveMillis = String.valueOf(lease.toMillis());
        var often = lease.dividedBy(10);
        this.intervalNanos = (often.compareTo(SELDOM) < 0 ? often : SELDOM).toNanos();
    }

    /** The next moment at which something is to be done. */
    long nextNanos() {
        return nextNanos;
    }

    boolean isDue(long nowNanos) {
        return !isAsking && nowNanos - nextNanos >= 0;
    }

    /** Says that this member is alive. */
    CompletionStage<Reply> sayAlive(Session session, long nowNanos) {
        isAsking = true;
        nextNanos = nowNanos + intervalNanos;
        return run(session, aliveMillis);
    }

    CompletionStage<Reply> sayGoodbye(Session session) {
        return run(session, "0");
    }

    void answered(Reply reply, long nowNanos) {
        isAsking = false;
        answeredNanos = nowNanos;
        var said = new HashMap<String, String>();
        for (int i = 0; i < topics.size(); i++) {
            var members = new ArrayList<String>();
            var list = reply.list(i);
            for (int j = 0; j + 1 < list.size(); j += 2) {
                var member = Reply.asText(list.get(j));
                members.add(member);
                said.merge(member, Reply.asText(list.get(j + 1)), (one, other) -> one + " " + other);
            }
            alive.put(topics.get(i), members);
        }
        heartbeats.listed(said, nowNanos);
    }

    /** Whether the server has said lately who is alive. */
    boolean isKnown(long nowNanos) {
        return !alive.isEmpty() && nowNanos - answeredNanos <= Heartbeats.SILENCE.toNanos();
    }

    /** Whether all others that read the topic were heard of lately. */
    boolean areOthersLive(Topic topic, long nowNanos) {
        var others = new HashSet<>(alive.getOrDefault(topic.name(), List.of()));
        others.remove(owner);
        return heartbeats.areLive(others, nowNanos);
    }

    void disconnected() {
        isAsking = false;
        alive.clear();
        heartbeats.disconnected();
    }

    /** The share of this member; -1 while nobody knows who is alive. */
    int quota(Topic topic) {
        var members = alive.get(topic.name());
        return members == null ? -1 : Quota.of(topic.name(), topic.partitions(), members, owner);
    }

    /** In which order to try partitions. */
    List<Integer> order(Topic topic) {
        return Quota.order(topic.name(), topic.partitions(), alive.getOrDefault(topic.name(), List.of()), owner);
    }

    private CompletionStage<Reply> run(Session session, String millis) {
        var arguments = Keys.list(owner, millis);
        topics.forEach(topic -> arguments.add(Keys.bytes(topic)));
        return session.run(Script.MEMBERS, Keys.ofMembers(group, topics), arguments);
    }
}
