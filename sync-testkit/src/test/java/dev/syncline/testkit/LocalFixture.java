package dev.syncline.testkit;

import dev.syncline.runtime.internal.local.LocalBroker;
import dev.syncline.runtime.internal.local.LocalStore;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.outbox.OutboxAlarms;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import dev.syncline.testkit.conformance.BrokerFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An outbox and groups on disk; each client is a broker of its own over the same groups. */
abstract class LocalFixture implements BrokerFixture {

    private final Path directory;
    private final Map<String, Integer> topics = new HashMap<>();
    private final List<Broker> clients = new ArrayList<>();
    private @Nullable LocalStore store;

    LocalFixture(Path directory) {
        this.directory = directory;
    }

    /** Opens the outbox on what there is. */
    abstract Outbox open(OutboxAlarms alarms);

    /** What the broker is as it was opened. */
    Broker client(Broker opened) {
        return opened;
    }

    private LocalStore store() {
        if (store == null) {
            store = LocalStore.open("default", open(new FailingAlarms()), directory);
        }
        return store;
    }

    @Override
    public Broker connect(Map<String, Object> options) {
        var all = new HashMap<>(options);
        all.put("topics.create", "false");
        topics.forEach((topic, partitions) -> all.put("topics.partitions." + topic, String.valueOf(partitions)));
        var client = client(new LocalBroker(
                new BrokerContext("conformance", "default", BrokerAddress.parse("local:"), all, InstantSource.system()),
                store()));
        clients.add(client);
        return client;
    }

    @Override
    public void createTopic(String topic, int partitions) {
        topics.put(topic, partitions);
    }

    /** Partitions do not move. */
    @Override
    public Duration takeover() {
        return Duration.ZERO;
    }

    @Override
    public Duration patience() {
        return Duration.ofSeconds(20);
    }

    @Override
    public boolean isEmbedded() {
        return true;
    }

    @Override
    public boolean hasKafkaPartitions() {
        return false;
    }

    @Override
    public Map<Hook, String> missing() {
        return Map.of(
                Hook.PAUSE_SERVER, "it is a part of the application's process",
                Hook.DENY_TOPIC, "whoever can open the directory may read and write all of it",
                Hook.STORE_RAW, "nobody but Syncline writes the outbox");
    }

    /** The clients are not closed: a killed process closes nothing. */
    @Override
    public void killServer() {
        store = null;
    }

    @Override
    public void restartServer() {
        store();
    }

    @Override
    public void close() {
        clients.forEach(Broker::close);
    }

    private static final class FailingAlarms implements OutboxAlarms {

        @Override
        public void onDamaged(long index, String why) {
            throw new AssertionError("entry " + index + " is damaged: " + why);
        }

        @Override
        public void onGap(long expectedN, long foundN, long index) {
            throw new AssertionError("entries " + expectedN + " to " + foundN + " are missing");
        }
    }
}
