package dev.syncline.spi;

import dev.syncline.api.ConfigurationException;
import java.util.Set;

/**
 * Entry point of a store of shared state, found by the scheme of its URI with {@link java.util.ServiceLoader}, or passed
 * to the builder.
 *
 * <p>Called on the thread that builds the application; has a public constructor without parameters.
 */
public interface StateProvider {

    /** The URI schemes that it serves, lower case, such as {@code redis}. */
    Set<String> schemes();

    /**
     * Opens a store. Checks the address and every option, and reaches for nothing over the network.
     *
     * @throws ConfigurationException naming every unknown or unusable option at once
     */
    StateStore open(StateContext context);
}
