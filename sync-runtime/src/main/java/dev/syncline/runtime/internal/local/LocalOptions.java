package dev.syncline.runtime.internal.local;

import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.spi.BrokerContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the URI of a local broker can say.
 *
 * @param partitions of a topic that {@code topicPartitions} does not name
 * @param topicPartitions by topic
 * @param createsTopics whether every topic exists; if not, those that {@code topicPartitions} names
 */
record LocalOptions(int partitions, Map<String, Integer> topicPartitions, boolean createsTopics) {

    static final String PARTITIONS = "topics.partitions";
    static final String PARTITIONS_OF = "topics.partitions.";
    static final String CREATE_TOPICS = "topics.create";

    private static final int DEFAULT_PARTITIONS = 8;

    LocalOptions {
        topicPartitions = Map.copyOf(topicPartitions);
    }

    /**
     * Reads and checks the address and every option.
     *
     * @throws ConfigurationException naming every one that is unknown or unusable
     */
    static LocalOptions of(BrokerContext context) {
        var problems = new ArrayList<String>();
        checkAddress(context, problems);
        int partitions = DEFAULT_PARTITIONS;
        var topicPartitions = new HashMap<String, Integer>();
        boolean createsTopics = true;
        for (var option : new TreeMap<>(context.options()).entrySet()) {
            var name = option.getKey();
            var value = String.valueOf(option.getValue());
            if (name.equals(PARTITIONS)) {
                partitions = partitions(context, name, value, problems);
            } else if (name.startsWith(PARTITIONS_OF) && name.length() > PARTITIONS_OF.length()) {
                topicPartitions.put(name.substring(PARTITIONS_OF.length()), partitions(context, name, value, problems));
            } else if (name.equals(CREATE_TOPICS)) {
                createsTopics = !value.equals("false");
                if (createsTopics && !value.equals("true")) {
                    problems.add(broker(context) + "option \"" + name + "\" is true or false");
                }
            } else {
                problems.add(broker(context) + "unknown option \"" + name + "\"; local: knows " + PARTITIONS + ", "
                        + PARTITIONS_OF + "<topic> and " + CREATE_TOPICS);
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new LocalOptions(partitions, topicPartitions, createsTopics);
    }

    /** How many partitions the topic has; 0 if it does not exist. */
    int partitionsOf(String topic) {
        var own = topicPartitions.get(topic);
        return own != null ? own : createsTopics ? partitions : 0;
    }

    private static void checkAddress(BrokerContext context, List<String> problems) {
        var address = context.address();
        if (!address.hosts().isEmpty() || !address.path().isEmpty() || address.user() != null) {
            problems.add(broker(context) + "local: takes no host, path or user, it is the application's own outbox;"
                    + " write local: or local:?topics.partitions=8");
        }
    }

    private static int partitions(BrokerContext context, String name, String value, List<String> problems) {
        if (value.matches("[1-9][0-9]{0,2}") && Integer.parseInt(value) <= Shards.COUNT) {
            return Integer.parseInt(value);
        }
        problems.add(broker(context) + "option \"" + name + "\" is a number from 1 to " + Shards.COUNT);
        return DEFAULT_PARTITIONS;
    }

    private static String broker(BrokerContext context) {
        return "broker \"" + context.name() + "\": ";
    }
}
