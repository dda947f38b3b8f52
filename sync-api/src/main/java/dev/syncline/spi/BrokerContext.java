package dev.syncline.spi;

import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;

/**
 * What an adapter is opened with.
 *
 * @param application name of the application; unique in this JVM
 * @param name name of the broker within the application, {@code default} for the first
 * @param address where it is
 * @param options all options: those of the builder and settings, and the parameters of the URI, which lose to them.
 *     Values are {@code String} or {@link dev.syncline.api.Secret}
 * @param clock wall time
 */
public record BrokerContext(
        String application, String name, BrokerAddress address, Map<String, Object> options, InstantSource clock) {

    public BrokerContext {
        Objects.requireNonNull(application, "application");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(address, "address");
        options = Map.copyOf(options);
        Objects.requireNonNull(clock, "clock");
    }
}
