package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.Broker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the brokers at start whether the topics of the handlers can be read. */
final class BrokerChecks {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerChecks.class);

    /** How long start waits for a broker before it goes on without. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private BrokerChecks() {}

    /**
     * Asks for every handler. What could not be asked is asked again later.
     *
     * @throws BrokerException if a broker refuses; one that is away is gone on without
     */
    static List<BrokerCheck> run(Blueprint blueprint, Map<String, Broker> brokers) {
        var checks = new ArrayList<BrokerCheck>();
        for (var plan : blueprint.wired().plans()) {
            plan.topics()
                    .forEach((broker, topics) -> checks.add(new BrokerCheck(
                            broker, required(brokers, broker), topics, blueprint.group(plan), PATIENCE)));
        }
        for (var check : checks) {
            try {
                check.run();
            } catch (BrokerException refused) {
                if (!refused.isRetryable()) {
                    throw refused;
                }
                LOG.warn("{}: {}; it goes on when the broker is back", blueprint.name(), refused.getMessage());
            }
        }
        return checks;
    }

    /** The broker of that name, which the wiring has seen. */
    static Broker required(Map<String, Broker> brokers, String name) {
        var broker = brokers.get(name);
        if (broker == null) {
            throw new AssertionError("wiring let a handler name broker " + name + ", which there is not");
        }
        return broker;
    }
}
