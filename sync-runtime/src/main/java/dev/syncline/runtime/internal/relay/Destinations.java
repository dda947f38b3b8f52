package dev.syncline.runtime.internal.relay;

import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.relay.RelayStatus.DestinationStatus;
import dev.syncline.runtime.internal.streams.LogStream;
import dev.syncline.runtime.internal.streams.LogStreams;
import dev.syncline.runtime.internal.streams.OutboxCursor;
import dev.syncline.spi.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the outbox for each destination from where it stands, and knows where that is. A destination comes up with its
 * first entry.
 *
 * <p>Threading: the relay's thread.
 */
final class Destinations implements AutoCloseable {

    private final Outbox outbox;
    private final RelayCore core;
    private final Set<String> embedded;
    private final Taking taking;
    private final LogStreams<OutboxCursor> streams;
    private final Map<Destination, FlowStream> flows = new HashMap<>();
    private final Map<String, Map<String, FlowStream>> byBroker = new HashMap<>();
    private boolean hasNew;
    private long now;

    /** Takes entries out of the outbox. */
    @FunctionalInterface
    interface Taking {

        /** Takes an entry of that destination; false if it does not now, the core has a step when it does again. */
        boolean take(Flow flow, OutboxCursor entry);
    }

    /**
     * Those that are known.
     *
     * @param embedded names of brokers that read the outbox themselves: their entries are none of ours, even if they did
     *     not always
     */
    Destinations(Outbox outbox, RelayCore core, Set<String> embedded, Taking taking, Cursors from, long nowNanos) {
        this.outbox = outbox;
        this.core = core;
        this.embedded = embedded;
        this.taking = taking;
        this.now = nowNanos;
        streams = new LogStreams<>(
                () -> new OutboxCursor(outbox.newReader()),
                this::streamOf,
                from.read().position(),
                from.read().nBefore());
        from.destinations().forEach((destination, mark) -> {
            if (!embedded.contains(destination.broker())) {
                add(destination, mark);
            }
        });
    }

    // --- reading

    /** Reads up to so many entries, each of which is taken or left. Returns how many were read. */
    int poll(int reads, long nowNanos) {
        now = nowNanos;
        return streams.poll(reads, reads);
    }

    /** A destination is handed its entries again, from there on. */
    void moveTo(Flow flow, Mark from) {
        streams.moveTo(stream(flow), from.position(), from.nBefore());
    }

    /** A destination takes entries again, from where it refused one. */
    void ready(Flow flow) {
        streams.ready(stream(flow));
    }

    /** Whether one came up since this was asked last. */
    boolean hasNew() {
        boolean had = hasNew;
        hasNew = false;
        return had;
    }

    private FlowStream stream(Flow flow) {
        var stream = flows.get(flow.destination);
        if (stream == null) {
            throw new AssertionError(flow);
        }
        return stream;
    }

    private @Nullable LogStream<OutboxCursor> streamOf(OutboxCursor entry) {
        var topics = byBroker.get(entry.broker());
        if (topics != null) {
            var stream = topics.get(entry.topic());
            if (stream != null) {
                return stream;
            }
        }
        if (embedded.contains(entry.broker())) {
            return null;
        }
        hasNew = true;
        return add(
                new Destination(entry.broker(), entry.topic()),
                new Mark(new Position(entry.index(), entry.ordinal()), entry.n() - 1));
    }

    private FlowStream add(Destination destination, Mark from) {
        var stream = new FlowStream(core.add(destination, now));
        flows.put(destination, stream);
        byBroker.computeIfAbsent(destination.broker(), broker -> new HashMap<>())
                .put(destination.topic(), stream);
        streams.add(stream, from.position(), from.nBefore());
        return stream;
    }

    // --- where they stand

    /** All topics of a broker. */
    Collection<Flow> of(String broker) {
        return byBroker.getOrDefault(broker, Map.of()).values().stream()
                .map(stream -> stream.flow)
                .toList();
    }

    /** Before this all entries of the destination are confirmed. */
    Mark mark(Flow flow) {
        return mark(stream(flow));
    }

    private Mark mark(FlowStream stream) {
        var lowest = core.lowestUnconfirmed(stream.flow);
        return lowest != null ? lowest : new Mark(streams.position(stream), streams.nBefore(stream));
    }

    /** How far the outbox was read. */
    Position read() {
        return streams.mainPosition();
    }

    /** Whether all that lies before a place and goes to a topic is confirmed. */
    boolean isShippedUpTo(String broker, String topic, Position place) {
        var stream = byBroker.getOrDefault(broker, Map.of()).get(topic);
        return (stream == null ? streams.mainPosition() : mark(stream).position()).compareTo(place) > 0;
    }

    /** What is to be saved. */
    Cursors cursors() {
        var marks = new HashMap<Destination, Mark>();
        flows.forEach((destination, stream) -> marks.put(destination, mark(stream)));
        return Cursors.of(new Mark(streams.mainPosition(), streams.mainN()), marks);
    }

    /** What is to be told; {@code problem} is one that concerns all of them. */
    RelayStatus status(@Nullable String problem) {
        long unshipped = Math.max(0, outbox.lastN() - streams.mainN());
        long shippedN = streams.mainN();
        List<DestinationStatus> destinations = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (var flow : core.flows()) {
            var stream = stream(flow);
            long count = unshipped(stream);
            unshipped += count;
            if (count > 0) {
                shippedN = Math.min(shippedN, mark(stream).nBefore());
            }
            var ofFlow = flow.problem == null ? "" : flow.problem.text();
            if (!ofFlow.isEmpty()) {
                problems.add(ofFlow);
            }
            destinations.add(new DestinationStatus(flow.destination, count, ofFlow));
        }
        if (problem != null) {
            problems.add(problem);
        }
        return new RelayStatus(destinations, problems, unshipped, shippedN);
    }

    private long unshipped(FlowStream stream) {
        var restartAt = stream.flow.rewindTo == null ? stream.flow.restartAt : stream.flow.rewindTo;
        if (restartAt != null) {
            return Math.max(1, streams.mainN() - restartAt.nBefore());
        }
        return stream.flow.window.unconfirmed() + streams.behind(stream);
    }

    @Override
    public void close() {
        streams.close();
    }

    /** Those entries of the outbox that go to one destination. */
    private final class FlowStream implements LogStream<OutboxCursor> {

        private final Flow flow;

        FlowStream(Flow flow) {
            this.flow = flow;
        }

        @Override
        public boolean wants(OutboxCursor entry) {
            return entry.topic().equals(flow.destination.topic())
                    && entry.broker().equals(flow.destination.broker());
        }

        @Override
        public boolean take(OutboxCursor entry) {
            return core.canTake(flow, entry.bytes()) && taking.take(flow, entry);
        }
    }
}
