/**
 * The durable store of the parked keys of one handler: retry, dead letters and redrive are states of one thing. Open
 * {@link dev.syncline.runtime.internal.park.ParkStore} first.
 *
 * <pre>
 * lane ── append, record, close ──► ParkStore ──► RecordWriter ──► EventLog ──► GroupCommit
 *                                      ├── ShardIndex (256)   who is parked, in order
 *                                      ├── Compaction         copies what lives forward, drops old files
 *                                      ├── Recovery           at open: the log's entries become the index
 *                                      └── Doubts             but for what stands behind an entry that is lost
 * </pre>
 */
@NullMarked
package dev.syncline.runtime.internal.park;

import org.jspecify.annotations.NullMarked;
