package dev.syncline.testkit;

import dev.syncline.runtime.internal.log.InMemoryEventLog;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.outbox.OutboxAlarms;
import dev.syncline.runtime.internal.outbox.OutboxSettings;
import dev.syncline.spi.Broker;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.conformance.BrokerConformance;
import dev.syncline.testkit.conformance.BrokerFixture;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.io.TempDir;

/**
 * The embedded broker over an outbox in memory, where one entry can be dropped and not the next. The files of {@link
 * LocalConformanceTest} are dropped whole only.
 */
class LocalMemoryConformanceTest extends BrokerConformance {

    @TempDir
    private Path directory;

    @Override
    protected BrokerFixture open() {
        return new MemoryFixture(directory);
    }

    private static final class MemoryFixture extends LocalFixture {

        private final StoreId storeId = StoreId.random();
        private InMemoryEventLog log = new InMemoryEventLog(1); // an entry per segment

        MemoryFixture(Path directory) {
            super(directory);
        }

        @Override
        Outbox open(OutboxAlarms alarms) {
            return Outbox.over(log, storeId, OutboxSettings.defaults(), InstantSource.system(), alarms);
        }

        @Override
        Broker client(Broker opened) {
            return new SingleSends(opened);
        }

        @Override
        public void killServer() {
            log = log.afterKill();
            super.killServer();
        }

        @Override
        public void dropUpTo(TopicPartition partition, Position position) {
            log.segments().stream()
                    .filter(segment ->
                            segment.firstIndex() <= position.major() && position.major() < segment.endIndex())
                    .forEach(segment -> log.dropBefore(segment.endIndex()));
        }
    }
}
