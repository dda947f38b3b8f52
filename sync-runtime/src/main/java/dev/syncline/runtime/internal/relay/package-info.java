/**
 * Ships what is in the outbox to the brokers, in key order, and remembers how far each destination is. Open {@link
 * dev.syncline.runtime.internal.relay.Relay} first.
 *
 * <pre>
 * Relay          the door: owns the thread
 *   └─ RelayDuty        one turn: answers, timers, and what the core wants done
 *        ├─ RelayCore       decides; no thread, clock or I/O: Flow per destination, Session per producer, Window in flight
 *        ├─ Destinations    reads the outbox for each destination, over LogStreams, and knows where each stands
 *        ├─ Producers       sends in batches, opens and closes the brokers' producers
 *        ├─ ParkedOutgoing  what brokers refuse for good: into OutgoingParking, and out of it by ParkedSender
 *        └─ Progress        what is saved of that and when; CursorFile on disk
 * </pre>
 */
@NullMarked
package dev.syncline.runtime.internal.relay;

import org.jspecify.annotations.NullMarked;
