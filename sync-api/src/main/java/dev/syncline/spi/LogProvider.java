package dev.syncline.spi;

import dev.syncline.api.ConfigurationException;
import java.util.Set;

/**
 * Entry point of a store of logs, in which parked events are kept outside of the data directory ({@code parkOn}). Found by
 * the scheme of its URI with {@link java.util.ServiceLoader}, or passed to the builder.
 *
 * <p>Called on the thread that builds the application; has a public constructor without parameters.
 */
public interface LogProvider {

    /** The URI schemes that it serves, lower case, such as {@code kafka}. */
    Set<String> schemes();

    /**
     * Opens a store. Checks the address and every option, and reaches for nothing over the network.
     *
     * @throws ConfigurationException naming every unknown or unusable option at once
     */
    LogStore openLogs(StateContext context);
}
