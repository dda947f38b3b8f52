/**
 * What an adapter implements: {@linkplain dev.syncline.spi.BrokerProvider brokers},
 * {@linkplain dev.syncline.spi.StateProvider stores of shared state}, {@linkplain dev.syncline.spi.LogProvider stores of
 * parked events} and {@linkplain dev.syncline.spi.PayloadCodec payload codecs}. Open {@link dev.syncline.spi.BrokerProvider} first; the
 * conformance suite of the test kit says in tests what the Javadoc says in words.
 *
 * <pre>
 * BrokerProvider ── open(BrokerContext) ──► Broker ── producer() ──► BrokerProducer   send(batch)
 *   (found by URI scheme)                     └────── consumer() ──► BrokerConsumer   poll, acknowledge, seek
 *
 * StateProvider ─── open(StateContext) ───► StateStore ── take(scope, partition) ──► PartitionState   read, write, log
 * LogProvider ───── openLogs(StateContext) ► LogStore ── takeLog(scope) ────────► OwnedLog         append, read, drop
 * </pre>
 *
 * <p>An adapter owns no policy: when to retry, what to skip, how fast to go is the runtime's. It translates the
 * client's exceptions to {@link dev.syncline.api.BrokerException} in one place.
 */
@NullMarked
package dev.syncline.spi;

import org.jspecify.annotations.NullMarked;
