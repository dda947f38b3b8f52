package dev.syncline.testkit;

import dev.syncline.testkit.conformance.BrokerConformance;
import dev.syncline.testkit.conformance.BrokerFixture;

/** What applications test against is held to what they run on. */
class InMemoryConformanceTest extends BrokerConformance {

    @Override
    protected BrokerFixture open() {
        return new InMemoryFixture();
    }
}
