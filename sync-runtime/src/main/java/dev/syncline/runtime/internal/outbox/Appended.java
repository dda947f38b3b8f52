package dev.syncline.runtime.internal.outbox;

/**
 * Where a document stands.
 *
 * @param index of the document; all its entries share it
 * @param firstN number of its first entry; the others follow, one each
 */
public record Appended(long index, long firstN) {}
