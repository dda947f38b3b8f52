package dev.syncline.testkit.conformance;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Secret;
import dev.syncline.spi.Broker;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.InMemoryFixture;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The in-memory broker, seen through a mutant. */
final class MutantFixture implements BrokerFixture {

    private final InMemoryFixture sound;
    private final Mutant mutant;
    private final Mutant.Run run;

    MutantFixture(Mutant mutant, Duration session, Duration patience) {
        this.mutant = mutant;
        this.sound = new InMemoryFixture(session, patience);
        this.run = new Mutant.Run(sound.connect(Map.of()));
    }

    @Override
    public Broker connect(Map<String, Object> options) {
        var known = mutant == Mutant.IGNORES_UNKNOWN_OPTIONS ? Map.<String, Object>of() : options;
        try {
            return mutant.broken(sound.connect(known), run);
        } catch (ConfigurationException refused) {
            throw mutant == Mutant.TELLS_SECRETS ? new ConfigurationException(told(options)) : refused;
        }
    }

    private static List<String> told(Map<String, Object> options) {
        return options.entrySet().stream()
                .map(option -> option.getKey() + "="
                        + (option.getValue() instanceof Secret secret ? secret.reveal() : option.getValue()))
                .toList();
    }

    @Override
    public void createTopic(String topic, int partitions) {
        sound.createTopic(topic, partitions);
    }

    @Override
    public Duration takeover() {
        return sound.takeover();
    }

    @Override
    public Duration patience() {
        return sound.patience();
    }

    @Override
    public void killServer() {
        sound.killServer();
    }

    @Override
    public void restartServer() {
        sound.restartServer();
    }

    @Override
    public void pauseServer() {
        sound.pauseServer();
    }

    @Override
    public void resumeServer() {
        sound.resumeServer();
    }

    @Override
    public void denyTopic(String topic) {
        sound.denyTopic(topic);
    }

    @Override
    public void dropUpTo(TopicPartition partition, Position position) {
        sound.dropUpTo(partition, position);
    }

    @Override
    public void store(TopicPartition partition, Bytes key, List<RawHeader> headers, @Nullable Bytes data) {
        sound.store(partition, key, headers, data);
    }

    @Override
    public void close() {
        run.end();
        sound.close();
    }
}
