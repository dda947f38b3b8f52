package dev.syncline.spi;

import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;

/**
 * What a store of shared state, or of parked events, is opened with.
 *
 * @param application name of the application; unique in this JVM
 * @param address where it is
 * @param options all options: those of the builder and settings, and the parameters of the URI, which lose to them.
 *     Values are {@code String} or {@link dev.syncline.api.Secret}
 * @param clock wall time
 */
public record StateContext(
        String application, BrokerAddress address, Map<String, Object> options, InstantSource clock) {

    public StateContext {
        Objects.requireNonNull(application, "application");
        Objects.requireNonNull(address, "address");
        options = Map.copyOf(options);
        Objects.requireNonNull(clock, "clock");
    }
}
