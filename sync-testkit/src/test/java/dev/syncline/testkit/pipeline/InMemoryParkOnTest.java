package dev.syncline.testkit.pipeline;

import dev.syncline.runtime.Sync;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.LogStore;
import dev.syncline.spi.StateContext;
import dev.syncline.testkit.InMemoryState;
import dev.syncline.testkit.conformance.ParkOnConformance;
import java.time.InstantSource;
import java.util.Map;

/** Parking elsewhere, in memory. */
class InMemoryParkOnTest extends ParkOnConformance {

    private final InMemoryState state = new InMemoryState();

    @Override
    protected Sync.Builder parkOn(Sync.Builder application) {
        return application.parkOn(state, "memory:");
    }

    @Override
    protected LogStore open(String application) {
        return state.openLogs(
                new StateContext(application, BrokerAddress.parse("memory:"), Map.of(), InstantSource.system()));
    }

    @Override
    protected void takeAway() {
        state.goAway();
    }

    @Override
    protected void bringBack() {
        state.comeBack();
    }
}
