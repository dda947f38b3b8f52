package dev.syncline.testkit;

import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.StateContext;
import dev.syncline.testkit.conformance.LogConformance;
import java.time.InstantSource;
import java.util.Map;

/** What every store of parked events does, in memory. */
class InMemoryLogTest extends LogConformance {

    private final InMemoryState state = new InMemoryState();

    @Override
    protected LogStore open(String application) {
        return state.openLogs(
                new StateContext(application, BrokerAddress.parse("memory:"), Map.of(), InstantSource.system()));
    }
}
