package dev.syncline.spi;

/**
 * A store in whose transactions handlers run, so that an effect, the record that it was applied and what follows from
 * it commit together. The place is reserved: no store exists yet, and giving one to the builder is a
 * {@link dev.syncline.api.ConfigurationException}.
 */
public interface TransactionalStore {}
