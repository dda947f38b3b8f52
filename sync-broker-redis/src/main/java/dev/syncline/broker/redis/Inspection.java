package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks whether a Redis can be used as asked: its settings, topics, types of keys, permissions. One per look. */
final class Inspection {

    private static final Logger log = LoggerFactory.getLogger(Inspection.class);

    private static final Pattern VERSION = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})");

    private final Session session;
    private final Deadline deadline;
    private final RedisOptions options;
    private final List<String> problems = new ArrayList<>();

    Inspection(Session session, Deadline deadline, RedisOptions options) {
        this.session = session;
        this.deadline = deadline;
        this.options = options;
    }

    /**
     * Looks.
     *
     * @throws BrokerException refused, naming all that is wrong; retryable if there is no answer
     */
    void run(Set<String> publish, Set<String> subscribe, String group) {
        inspectServer();
        var all = new TreeSet<>(publish);
        all.addAll(subscribe);
        for (var name : all) {
            var topic = topic(name);
            if (topic != null) {
                for (var partition : topic.all()) {
                    if (publish.contains(name)) {
                        probe(partition, "");
                    }
                    if (subscribe.contains(name)) {
                        probe(partition, group);
                    }
                }
            }
        }
        if (!problems.isEmpty()) {
            throw BrokerException.refused(String.join("; ", problems), null);
        }
    }

    /**
     * Looks whether it can keep shared state.
     *
     * @throws BrokerException as above
     */
    void runForState() {
        inspectServer();
        var what = "cannot keep state";
        var reply = deadline.await(
                session.run(Script.STATE_PROBE, Keys.list(StateKeys.NO_SCOPE), List.of()),
                what + " at " + session.address());
        noteForGood(what, reply.list(1));
        if (!problems.isEmpty()) {
            throw BrokerException.refused(String.join("; ", problems), null);
        }
    }

    private void inspectServer() {
        var info = new HashMap<String, String>();
        try {
            deadline.await(session.info(), "cannot ask Redis for INFO").lines().forEach(line -> {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    info.put(line.substring(0, colon), line.substring(colon + 1));
                }
            });
        } catch (BrokerException denied) {
            if (denied.isRetryable()) {
                throw denied;
            }
            log.warn("the user may not ask Redis for INFO: version, role and maxmemory-policy are not checked");
            return;
        }
        var version = info.getOrDefault("redis_version", "");
        if (isOlderThan62(version)) {
            problems.add("Redis " + version + " is too old: 6.2 or newer is needed");
        }
        if (info.getOrDefault("role", "").equals("slave")) {
            problems.add(session.address() + " is a replica: give the address of the master");
        }
        inspectMemory(info);
    }

    private void inspectMemory(Map<String, String> info) {
        var policy = info.getOrDefault("maxmemory_policy", "noeviction");
        if (policy.equals("noeviction")) {
            return;
        }
        var advice = "maxmemory-policy of " + session.address() + " is " + policy
                + ": set it to noeviction, or Redis deletes data when memory is short";
        if (policy.startsWith("allkeys-")) {
            problems.add(advice + ", whole streams among it");
        } else {
            log.warn("{}", advice);
        }
    }

    private static boolean isOlderThan62(String version) {
        var parts = VERSION.matcher(version);
        if (!parts.lookingAt()) {
            return false; // not a number that says anything
        }
        int major = Integer.parseInt(parts.group(1));
        return major < 6 || (major == 6 && Integer.parseInt(parts.group(2)) < 2);
    }

    private @Nullable Topic topic(String name) {
        var what = "cannot look up topic \"" + name + "\"";
        try {
            return options.createsTopics()
                    ? deadline.await(created(name), what)
                    : deadline.await(Topic.find(session, name, options), what);
        } catch (BrokerException failure) {
            note(failure);
            return null;
        }
    }

    /** What is there keeps its count; the rest of it is made where it is missing. */
    private CompletionStage<Topic> created(String name) {
        return Topic.partitions(session, name)
                .thenCompose(partitions -> Topic.create(session, name, options, partitions));
    }

    private void probe(TopicPartition partition, String group) {
        var keys = Keys.list(Keys.stream(partition), Keys.topic(partition));
        var arguments = Keys.list(Partitioner.RULE);
        if (!group.isEmpty()) {
            keys.add(Keys.bytes(Keys.group(partition, group)));
            keys.addAll(Keys.ofMembers(group, Set.of(partition.topic())));
            arguments.addAll(Keys.list(group, Keys.CONSUMER));
        }
        var what = "cannot use topic \"" + partition.topic() + "\""
                + (group.isEmpty() ? "" : " for group \"" + group + "\"");
        try {
            var names = keys.stream().map(Reply::asText).toList();
            var reply = deadline.await(session.run(Script.PROBE, keys, arguments), what + " with keys " + names);
            noteForGood(what, reply.list(1));
        } catch (BrokerException failure) {
            note(failure);
        }
    }

    /** The first error that says that the real command would fail. */
    private void noteForGood(String what, List<?> errors) {
        for (var each : errors) {
            var error = (List<?>) each;
            var serverSaid = Reply.asText(error.get(2));
            if (Failures.isForGood(serverSaid)) {
                var command = Reply.asText(error.get(0)) + " of " + Reply.asText(error.get(1));
                note(Failures.server(what + " with " + command, serverSaid, null));
                return;
            }
        }
    }

    private void note(BrokerException failure) {
        if (failure.isRetryable()) {
            throw failure;
        }
        problems.add(String.valueOf(failure.getMessage()));
    }
}
