package dev.syncline.testkit;

import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.StateContext;
import dev.syncline.spi.StateStore;
import dev.syncline.testkit.conformance.StateConformance;
import java.time.InstantSource;
import java.util.Map;

/** What every store of shared state does, in memory. */
class InMemoryStateTest extends StateConformance {

    @Override
    protected StateStore open() {
        return new InMemoryState()
                .open(new StateContext("test", BrokerAddress.parse("memory:"), Map.of(), InstantSource.system()));
    }
}
