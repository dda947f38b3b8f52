package dev.syncline.broker.redis;

import dev.syncline.spi.TopicPartition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The keys in Redis, and what lies under them. What belongs to one partition shares a hash tag, and with it a slot.
 *
 * <pre>
 * {topic:n}                         stream   the messages of partition n
 * {topic:n}:topic                   hash     partitions   how many the topic has
 *                                            rule         how keys map to them: murmur2
 *                                            incarnation  random, made with the topic
 *                                            last         id of the entry that a producer of ours appended last
 * {topic:n}:group:group             hash     owner        who holds the lease; empty if nobody
 *                                            token        fencing counter, grows with every change of hands
 *                                            until        end of the lease, in milliseconds of the server's clock
 *                                            lease        how long it lasts, in milliseconds
 *                                            member       the holder, for people
 *                                            position     everything up to this entry id is done
 *                                            metadata     what was handed over with the position
 *                                            start        entry id after which the group began
 *                                            gap          what is missing, until somebody seeks and acknowledges
 * syncline:{group}:topics           set      topics that the group ever read
 * syncline:{group}:members:topic    zset     live consumers, scored by when they count as dead
 * </pre>
 *
 * <p>Beside the hash each group is a consumer group of the stream under its own name, with one consumer,
 * {@value #CONSUMER}, whoever holds the lease.
 */
final class Keys {

    /** The one consumer of every group: a new owner finds what the last one left pending under the same name. */
    static final String CONSUMER = "syncline";

    private Keys() {}

    static String stream(TopicPartition partition) {
        return "{" + partition.topic() + ":" + partition.partition() + "}";
    }

    static String topic(TopicPartition partition) {
        return stream(partition) + ":topic";
    }

    static String group(TopicPartition partition, String group) {
        return stream(partition) + ":group:" + group;
    }

    static String topicsOf(String group) {
        return "syncline:{" + group + "}:topics";
    }

    static String membersOf(String group, String topic) {
        return "syncline:{" + group + "}:members:" + topic;
    }

    /** Stream, group and topic of a partition, as the scripts of consumers take them. */
    static List<byte[]> ofGroup(TopicPartition partition, String group) {
        return list(stream(partition), group(partition, group), topic(partition));
    }

    /** The topics of a group and the members of each of these topics. */
    static List<byte[]> ofMembers(String group, Collection<String> topics) {
        var keys = new ArrayList<byte[]>();
        keys.add(bytes(topicsOf(group)));
        topics.forEach(topic -> keys.add(bytes(membersOf(group, topic))));
        return keys;
    }

    static List<byte[]> list(String... texts) {
        var all = new ArrayList<byte[]>(texts.length);
        for (var text : texts) {
            all.add(bytes(text));
        }
        return all;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
