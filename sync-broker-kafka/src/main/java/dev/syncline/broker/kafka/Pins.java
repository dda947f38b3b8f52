package dev.syncline.broker.kafka;

import dev.syncline.api.BrokerException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Configurable;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The partitions that one consumer pins, and what its group says to that.
 *
 * <p>Pinned partitions are read by a member of the group, as others are: so it is Kafka that keeps two processes from
 * reading one partition, takes the commits of the owner only, and gives the partition free when the owner is gone. Only
 * who gets what is not shared out: {@link Assignor}, which all members run, gives each member what it pins, or nothing
 * at all if any of that has an owner already.
 *
 * <p>Used by the polling thread only, on which Kafka calls its assignor.
 */
final class Pins {

    /** Under this name the consumer's own pins reach the assignor, which Kafka makes. */
    static final String CONFIG = "syncline.pins";

    private final SortedSet<Integer> numbers;
    private String holder = "";
    private boolean isGivenOthers;

    Pins(SortedSet<Integer> numbers) {
        this.numbers = numbers;
    }

    /** Whether the group's members share out partitions by other rules, and gave us some that are not ours to read. */
    boolean isGivenOthers() {
        return isGivenOthers;
    }

    /** Why the group gives us nothing; null if it does, or did not say yet. */
    @Nullable
    BrokerException refusal(String group) {
        if (isGivenOthers) {
            return BrokerException.retryable(
                    "group \"" + group + "\" has members that subscribe; with option partitions.pinned it must have "
                            + "none. End them, or use another group",
                    null);
        } else if (!holder.isEmpty()) {
            return BrokerException.retryable(
                    "partitions " + numbers + " of option partitions.pinned are not read here: member " + holder
                            + " of group \"" + group + "\" has one of them. Pin each partition in one process only; "
                            + "if that member is gone, its partitions are free when its session ends",
                    null);
        }
        return null;
    }

    private void assigned(Collection<TopicPartition> partitions, String toldHolder) {
        holder = toldHolder;
        isGivenOthers = partitions.stream().anyMatch(one -> !numbers.contains(one.partition()));
    }

    /** Forgets what the group said: a new client joins. */
    void forgetClient() {
        holder = "";
        isGivenOthers = false;
    }

    /**
     * Gives each member what it pins. Decides alone, and alike on whatever member Kafka asks.
     *
     * <p>Public for Kafka only, which makes it by reflection.
     */
    public static final class Assignor implements ConsumerPartitionAssignor, Configurable {

        /** As groups are told of it: all members must name the same. */
        static final String NAME = "syncline-pinned";

        private Pins pins = new Pins(new TreeSet<>());

        /** For Kafka. */
        public Assignor() {}

        @Override
        public void configure(Map<String, ?> configs) {
            if (configs.get(CONFIG) instanceof Pins given) {
                pins = given;
            }
        }

        @Override
        public String name() {
            return NAME;
        }

        /** Partitions that stay are read on while others come and go. */
        @Override
        public List<RebalanceProtocol> supportedProtocols() {
            return List.of(RebalanceProtocol.COOPERATIVE);
        }

        @Override
        public ByteBuffer subscriptionUserData(Set<String> topics) {
            var text = new StringBuilder();
            pins.numbers.forEach(
                    number -> text.append(text.length() == 0 ? "" : ",").append(number));
            return StandardCharsets.US_ASCII.encode(text.toString());
        }

        @Override
        public void onAssignment(Assignment assignment, ConsumerGroupMetadata metadata) {
            pins.assigned(assignment.partitions(), text(assignment.userData()));
        }

        @Override
        public GroupAssignment assign(Cluster metadata, GroupSubscription group) {
            var claims = new ArrayList<Claim>();
            new TreeMap<>(group.groupSubscription())
                    .forEach((member, subscription) -> claims.add(Claim.of(member, subscription, metadata)));
            var owners = owners(claims);
            // who reads goes on reading, before anybody new
            claims.sort(Comparator.comparing(claim -> !owners.containsValue(claim.member)));
            var given = new HashMap<TopicPartition, String>();
            var assignments = new HashMap<String, Assignment>();
            for (var claim : claims) {
                var holder = claim.holder(given, owners);
                if (holder == null) {
                    claim.wanted.forEach(partition -> given.put(partition, claim.member));
                    assignments.put(claim.member, new Assignment(List.copyOf(claim.wanted)));
                } else {
                    assignments.put(claim.member, new Assignment(List.of(), StandardCharsets.UTF_8.encode(holder)));
                }
            }
            return new GroupAssignment(assignments);
        }

        /** Two members may say that they own a partition: the one that fell behind does not know better. */
        private static Map<TopicPartition, String> owners(List<Claim> claims) {
            var newest = new HashMap<TopicPartition, Claim>();
            for (var claim : claims) {
                for (var partition : claim.owned) {
                    var other = newest.get(partition);
                    if (other == null || other.generation < claim.generation) {
                        newest.put(partition, claim);
                    }
                }
            }
            var owners = new HashMap<TopicPartition, String>();
            newest.forEach((partition, claim) -> owners.put(partition, claim.member));
            return owners;
        }

        private static String text(@Nullable ByteBuffer bytes) {
            return bytes == null
                    ? ""
                    : StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
        }

        /** What one member wants, and what it has. */
        private record Claim(String member, Set<TopicPartition> wanted, Set<TopicPartition> owned, int generation) {

            static Claim of(String member, Subscription subscription, Cluster metadata) {
                var wanted = new LinkedHashSet<TopicPartition>();
                for (var topic : subscription.topics()) {
                    var partitions = metadata.partitionCountForTopic(topic);
                    for (var number : text(subscription.userData()).split(",", -1)) {
                        if (partitions != null && !number.isEmpty() && Integer.parseInt(number) < partitions) {
                            wanted.add(new TopicPartition(topic, Integer.parseInt(number)));
                        }
                    }
                }
                return new Claim(
                        member,
                        wanted,
                        Set.copyOf(subscription.ownedPartitions()),
                        subscription.generationId().orElse(-1));
            }

            /** The member that has one of the partitions wanted, null if all are free. */
            @Nullable
            String holder(Map<TopicPartition, String> given, Map<TopicPartition, String> owners) {
                for (var partition : wanted) {
                    var holder = given.getOrDefault(partition, owners.getOrDefault(partition, member));
                    if (!holder.equals(member)) {
                        return holder;
                    }
                }
                return null;
            }
        }
    }
}
