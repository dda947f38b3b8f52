/**
 * Ships what is in the outbox to the brokers, in key order, and remembers how far each destination is. Open {@link
 * dev.syncline.runtime.internal.relay.Relay} first.
 *
 * <pre>
 * Relay          the door: owns the thread
 *   └─ RelayDuty     one turn: answers, timers, reading, sending, saving; all I/O goes through it
 *        ├─ RelayCore    decides; no thread, clock or I/O: Flow per destination, Session per producer, Window in flight
 *        ├─ LogStreams   one reading of the outbox for all destinations that keep up
 *        └─ CursorFile   how far each destination is, on disk
 * </pre>
 */
@NullMarked
package dev.syncline.runtime.internal.relay;

import org.jspecify.annotations.NullMarked;
