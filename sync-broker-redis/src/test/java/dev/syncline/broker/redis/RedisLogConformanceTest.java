package dev.syncline.broker.redis;

import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.StateContext;
import dev.syncline.testkit.conformance.LogConformance;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.time.InstantSource;
import java.util.Map;

/** What every store of parked events does, on a real Redis. */
class RedisLogConformanceTest extends LogConformance {

    @RealRedis
    static RedisServer redis;

    @Override
    protected LogStore open(String application) {
        return new RedisStateProvider()
                .openLogs(new StateContext(
                        application, BrokerAddress.parse(redis.uri()), Map.of(), InstantSource.system()));
    }
}
