/**
 * The broker that needs nothing installed: the application's own outbox, read in place. Open {@link
 * dev.syncline.runtime.internal.local.LocalBroker} first.
 *
 * <pre>
 * LocalBroker     a topic is a filter over the outbox, a partition a range of shards
 *   ├─ LocalProducer   appends to the outbox
 *   ├─ LocalConsumer   reads it, for one group
 *   │    └─ LocalReading   from its first poll to its end: LogStreams, one LocalPartition per partition
 *   └─ LocalStore      the groups: who reads each now, and GroupFile, how far each is
 * </pre>
 */
@NullMarked
package dev.syncline.runtime.internal.local;

import org.jspecify.annotations.NullMarked;
