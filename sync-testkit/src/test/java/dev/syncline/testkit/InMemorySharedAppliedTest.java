package dev.syncline.testkit;

import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.StateContext;
import dev.syncline.spi.StateStore;
import dev.syncline.testkit.conformance.SharedAppliedConformance;
import java.time.InstantSource;
import java.util.Map;

/** Inbox and guard that several instances share, in memory. */
class InMemorySharedAppliedTest extends SharedAppliedConformance {

    private final InMemoryState state = new InMemoryState();

    @Override
    protected StateStore openStore() {
        return state.open(new StateContext("test", BrokerAddress.parse("memory:"), Map.of(), InstantSource.system()));
    }
}
