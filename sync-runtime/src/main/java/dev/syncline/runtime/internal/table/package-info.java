/**
 * A table of fixed slots in a mapped file: what inbox and guard keep, at 32 bytes per entry, durable over kill -9. Open
 * {@code Table} first, then {@code MappedTable}.
 *
 * <pre>
 *   ShardInbox, ShardGuard ──► Table ──► MappedTable ──► Slots (where an entry goes, its check)
 *                                │            │             └──► Region (the mapping)
 *                                │            └──► TableFile (header, damage) ──► TableDisk
 *                                └────► HeapTable, for simulation
 * </pre>
 */
@NullMarked
package dev.syncline.runtime.internal.table;

import org.jspecify.annotations.NullMarked;
