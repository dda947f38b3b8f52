package dev.syncline.broker.redis;

import dev.syncline.testkit.conformance.BrokerConformance;
import dev.syncline.testkit.conformance.BrokerFixture;
import dev.syncline.testkit.server.RealRedis;
import dev.syncline.testkit.server.RedisServer;

/** The behaviours that every broker shows, on a real Redis. */
class RedisConformanceTest extends BrokerConformance {

    @RealRedis(exclusive = true)
    static RedisServer redis;

    @Override
    protected BrokerFixture open() {
        return new RedisFixture(redis);
    }
}
