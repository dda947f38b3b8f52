package dev.syncline.runtime.internal.wiring;

import dev.syncline.runtime.internal.wiring.Declarations.BrokerDeclaration;
import dev.syncline.runtime.internal.wiring.Declarations.StateDeclaration;
import dev.syncline.spi.PayloadCodec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the declarations came to: every fault was found before, so nothing here can be missing.
 *
 * @param plans one per enabled handler
 * @param brokers with the settings merged in; never empty
 * @param topics where each type goes
 * @param contracts what the application knows of each type
 * @param codec of payloads: the application's, else JSON within the limits of the settings
 * @param state the store of shared state, with the settings merged in; null if there is none
 * @param parkOn where parked events are kept, with the settings merged in; null if in the data directory
 * @param settings of the runtime itself
 * @param report the lines of the start report
 */
public record Wired(
        List<HandlerPlan> plans,
        List<BrokerDeclaration> brokers,
        Topics topics,
        Contracts contracts,
        PayloadCodec codec,
        @Nullable StateDeclaration state,
        @Nullable StateDeclaration parkOn,
        RuntimeSettings settings,
        List<String> report) {

    public Wired {
        plans = List.copyOf(plans);
        brokers = List.copyOf(brokers);
        report = List.copyOf(report);
    }
}
