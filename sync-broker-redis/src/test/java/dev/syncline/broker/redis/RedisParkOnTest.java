package dev.syncline.broker.redis;

import dev.syncline.runtime.Sync;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.StateContext;
import dev.syncline.testkit.conformance.ParkOnConformance;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** Parking on a real Redis, which is killed and comes back. */
class RedisParkOnTest extends ParkOnConformance {

    @RealRedis(exclusive = true)
    static RedisServer redis;

    @Override
    protected Sync.Builder parkOn(Sync.Builder application) {
        return application.parkOn(redis.uri());
    }

    @Override
    protected LogStore open(String application) {
        return new RedisStateProvider()
                .openLogs(new StateContext(
                        application, BrokerAddress.parse(redis.uri()), Map.of(), InstantSource.system()));
    }

    @Override
    protected void takeAway() {
        redis.kill();
    }

    @Override
    protected void bringBack() {
        redis.restart();
    }

    @AfterEach
    void isThere() {
        if (!redis.isRunning()) {
            redis.restart();
        }
    }
}
