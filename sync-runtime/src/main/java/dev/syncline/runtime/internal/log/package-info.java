/**
 * Durable logs of opaque entries, for the outbox and the park store. Open {@link
 * dev.syncline.runtime.internal.log.EventLog} first.
 *
 * <pre>
 * EventLog  append, read from, force, drop before
 *    ├─ ChronicleEventLog   files of a Chronicle queue, its traps cured here and nowhere else
 *    └─ InMemoryEventLog    for tests and simulation
 * GroupCommit               callers that wait for the disk share a force
 * DirectoryLock             one process per directory, and who it is
 * </pre>
 */
@NullMarked
package dev.syncline.runtime.internal.log;

import org.jspecify.annotations.NullMarked;
