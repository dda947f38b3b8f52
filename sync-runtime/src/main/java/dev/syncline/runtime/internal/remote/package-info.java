/**
 * Parked events that are kept elsewhere ({@code parkOn}): in a topic of a broker, or wherever a
 * {@link dev.syncline.spi.LogStore} keeps a log. The park store is the same as on the disk. Open {@code RemoteParking} first.
 *
 * <pre>
 *   start ───────────► RemoteParking ──► take the log, read it ──► lanes know what is parked ──► partitions are read
 *   lane ──park, close─► LaneParking ─► ParkStore ─► OwnedEventLog ─► RemoteCalls ──► OwnedLog   (waits a second at most)
 * </pre>
 */
@NullMarked
package dev.syncline.runtime.internal.remote;

import org.jspecify.annotations.NullMarked;
