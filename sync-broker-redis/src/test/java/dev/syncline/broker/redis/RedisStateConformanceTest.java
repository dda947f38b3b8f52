package dev.syncline.broker.redis;

import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.StateContext;
import dev.syncline.spi.StateStore;
import dev.syncline.testkit.conformance.StateConformance;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.time.InstantSource;
import java.util.Map;

/** What every store of shared state does, on a real Redis. */
class RedisStateConformanceTest extends StateConformance {

    @RealRedis
    static RedisServer redis;

    @Override
    protected StateStore open() {
        return new RedisStateProvider()
                .open(new StateContext("test", BrokerAddress.parse(redis.uri()), Map.of(), InstantSource.system()));
    }
}
