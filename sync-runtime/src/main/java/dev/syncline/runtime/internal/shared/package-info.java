/**
 * What a handler has applied and parked, where all instances of its group find it: the state of a partition is taken when
 * the partition is assigned, and follows it to the next owner. Open {@code SharedState} first; {@code AppliedEntries} holds
 * the rules, {@code PartitionHold} the fence, {@code EventMarks} what is read and written of events.
 *
 * <pre>
 *   poll thread ──► SharedState.open ──► take, read what is parked ──► lanes know it ──► events are handed on
 *   lane ──ask, done──► SharedState ──► PartitionHold ──► StateStore     (blocks, until it answers or the partition is gone)
 *   lane ──park, close─► SharedParking ─► ParkStore ─► SharedEventLog ──► StateStore
 * </pre>
 */
@NullMarked
package dev.syncline.runtime.internal.shared;

import org.jspecify.annotations.NullMarked;
