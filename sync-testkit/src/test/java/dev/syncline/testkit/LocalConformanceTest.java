package dev.syncline.testkit;

import dev.syncline.runtime.internal.log.DirectoryLock;
import dev.syncline.runtime.internal.log.LogSettings;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.outbox.OutboxAlarms;
import dev.syncline.runtime.internal.outbox.OutboxSettings;
import dev.syncline.testkit.conformance.BrokerConformance;
import dev.syncline.testkit.conformance.BrokerFixture;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** The embedded broker, on the files that it has in production, shows the behaviours that every broker shows. */
class LocalConformanceTest extends BrokerConformance {

    @TempDir
    private Path directory;

    @Override
    protected BrokerFixture open() {
        return new FileFixture(directory);
    }

    private static final class FileFixture extends LocalFixture {

        private static final int BLOCK_BYTES = 4 << 20;

        private final Path directory;
        private @Nullable DirectoryLock lock;
        private @Nullable Outbox outbox;

        FileFixture(Path directory) {
            super(directory);
            this.directory = directory;
        }

        @Override
        Outbox open(OutboxAlarms alarms) {
            lock = DirectoryLock.acquire(directory, "conformance");
            outbox = Outbox.open(
                    lock,
                    OutboxSettings.defaults().withLog(LogSettings.ofBlock(BLOCK_BYTES)),
                    InstantSource.system(),
                    alarms);
            return outbox;
        }

        @Override
        public Map<Hook, String> missing() {
            var missing = new EnumMap<Hook, String>(super.missing());
            missing.put(Hook.DROP_MESSAGES, "entries are dropped in whole files; see LocalMemoryConformanceTest");
            return missing;
        }

        /** One process cannot hold the directory twice, so the outbox is closed; consumers and positions are not. */
        @Override
        public void killServer() {
            release();
            super.killServer();
        }

        @Override
        public void close() {
            super.close();
            release();
        }

        private void release() {
            if (outbox != null) {
                outbox.close();
                outbox = null;
            }
            if (lock != null) {
                lock.close();
                lock = null;
            }
        }
    }
}
