package dev.syncline.examples.catalog;

import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisRunTest {

    @TempDir
    Path directory;

    @Test
    void theApplicationKilledTwiceEndsInSync(@RealRedis(exclusive = true) RedisServer redis) {
        // The leases of the process that died stay until they end, which nobody wants to wait for twice.
        ApplicationKilledTwice.on(directory, redis.uri() + "?lease.time=3s");
    }

    @Test
    void theBrokerKilledInTheMiddleEndsInSync(@RealRedis(exclusive = true) RedisServer redis) {
        BrokerKilled.on(directory, redis.uri(), redis);
    }
}
