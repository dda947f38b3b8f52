package dev.syncline.spi;

/**
 * What an adapter can do beyond the contract that all share. Constant per broker.
 *
 * @param rebalances whether several consumers may read one group, partitions moving between them. Where they may not,
 *     {@code poll} of a second consumer of a group refuses, naming the group, as long as the first is open
 * @param durable whether what was confirmed survives the end of the process that holds it
 * @param maxMessageBytes the largest message, attributes included, that it takes with certainty
 */
public record Capabilities(boolean rebalances, boolean durable, int maxMessageBytes) {}
