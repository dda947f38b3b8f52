package dev.syncline.broker.redis;

import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.StateContext;
import dev.syncline.spi.StateStore;
import dev.syncline.testkit.conformance.SharedAppliedConformance;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;
import java.time.InstantSource;
import java.util.Map;

/** Inbox and guard that several instances share, on a real Redis. */
class RedisSharedAppliedTest extends SharedAppliedConformance {

    @RealRedis
    static RedisServer redis;

    @Override
    protected StateStore openStore() {
        return new RedisStateProvider()
                .open(new StateContext("test", BrokerAddress.parse(redis.uri()), Map.of(), InstantSource.system()));
    }
}
