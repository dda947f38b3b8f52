package dev.syncline.runtime.internal.relay;

import dev.syncline.api.BrokerException;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.relay.RelayStatus.DestinationStatus;
import dev.syncline.runtime.internal.streams.LogStream;
import dev.syncline.runtime.internal.streams.LogStreams;
import dev.syncline.runtime.internal.streams.OutboxCursor;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Position;
import dev.syncline.spi.SendResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of the relay's loop: takes answers, lets the core decide, does its steps, reads the outbox, sends, saves the
 * cursors. A bounded amount of work per turn; it never waits and reads no clock. What it knows beyond the cursors is
 * volatile: thrown away at any moment and made anew, it goes on at the lowest entries that were not confirmed.
 *
 * <p>Threading: one thread, except {@link #status} and the answers of producers.
 */
final class RelayDuty implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RelayDuty.class);

    private static final int SIGNALS_PER_TURN = 4096;
    private static final int READS_PER_TURN = 1024;

    /** Entries for nobody move the reading mark, too; it is worth less than a destination's. */
    private static final long SAVE_READ_MARK_EVERY = TimeUnit.SECONDS.toNanos(5);

    private static final long PUBLISH_EVERY = TimeUnit.MILLISECONDS.toNanos(50);

    private final RelaySettings settings;
    private final Outbox outbox;
    private final Map<String, Broker> brokers;
    private final Set<String> embedded;
    private final Map<String, OutgoingParking> parking;
    private final CursorStore store;
    private final ProducerCloser closer;
    private final Runnable wake;
    private final Runnable onStatus;
    private final Confirmed confirmed;
    private final RelayCore core;
    private final LogStreams<OutboxCursor> streams;

    private final ConcurrentLinkedQueue<Object> signals = new ConcurrentLinkedQueue<>();
    private final Map<Destination, FlowStream> flows = new HashMap<>();
    private final Map<String, Map<String, FlowStream>> flowsByBroker = new HashMap<>();
    private final Map<Session, BrokerProducer> producers = new LinkedHashMap<>();
    private final AtomicInteger openProducers = new AtomicInteger();
    private final Map<Session, Batch> batches = new LinkedHashMap<>();
    private final List<ParkedSender> parkedSenders = new ArrayList<>();
    private final List<ParkedTicket> parkedTickets = new ArrayList<>();

    private long now;
    private Cursors saved;
    private long savedAt;
    private boolean isDirty;
    private @Nullable String saveProblem;
    private boolean isStatusOld = true;
    private long publishedAt;
    private volatile long lowestNeeded;
    private volatile RelayStatus status;

    /**
     * Goes on where the cursors say.
     *
     * @param brokers those to ship to, by name
     * @param embedded names of brokers that read the outbox themselves
     * @param parking where keys wait whose head a broker refuses; such a broker that has none stops the destination
     * @param wake called on any thread when an answer has come
     * @param onStatus called when {@link #status} is a new one
     * @param confirmed told of what was shipped, before {@link #status} says so
     */
    RelayDuty(
            RelaySettings settings,
            Outbox outbox,
            Map<String, Broker> brokers,
            Set<String> embedded,
            Map<String, OutgoingParking> parking,
            CursorStore store,
            ProducerCloser closer,
            RandomGenerator random,
            Runnable wake,
            Runnable onStatus,
            Confirmed confirmed,
            long nowNanos) {
        this.settings = settings;
        this.outbox = outbox;
        this.brokers = Map.copyOf(brokers);
        this.embedded = Set.copyOf(embedded);
        this.parking = Map.copyOf(parking);
        this.store = store;
        this.closer = closer;
        this.wake = wake;
        this.onStatus = onStatus;
        this.confirmed = confirmed;
        this.now = nowNanos;
        this.savedAt = nowNanos;
        this.publishedAt = nowNanos;
        var backoff = new Backoff(
                settings.firstBackoff().toNanos(), settings.maxBackoff().toNanos(), random);
        core = new RelayCore(settings, brokers.keySet(), backoff);
        parking.forEach((name, ofBroker) -> {
            var broker = brokers.get(name);
            if (broker != null) {
                parkedSenders.add(
                        new ParkedSender(ofBroker, broker, settings, backoff, closer, this::signal, nowNanos));
            }
        });
        saved = clamped(store.load());
        lowestNeeded = saved.lowestNeeded();
        streams = new LogStreams<>(
                () -> new OutboxCursor(outbox.newReader()),
                this::streamOf,
                saved.read().position(),
                saved.read().nBefore());
        saved.destinations().forEach(this::goOn);
        status = currentStatus();
    }

    /**
     * One turn.
     *
     * @return how much was done; 0 says that there is nothing to do before {@link #nanosToNextTimer}, or an append or
     *     an answer
     */
    int run(long nowNanos) {
        now = nowNanos;
        int work = takeSignals();
        core.onTime(now);
        work += doSteps();
        int read = streams.poll(READS_PER_TURN, READS_PER_TURN);
        sendAll();
        settleParked();
        work += read + doSteps() + sendParked();
        isDirty |= core.hasAdvanced();
        isStatusOld |= work > 0;
        saveIfDue();
        if (isStatusOld && (work == 0 || now - publishedAt >= PUBLISH_EVERY)) {
            publishStatus();
        }
        return work;
    }

    /** When {@link #run} has something to do even if nothing comes. */
    long nanosToNextTimer(long nowNanos) {
        long next = core.nanosToNextTimer(nowNanos);
        if (isDirty) {
            next = Math.min(next, savedAt + settings.saveEvery().toNanos() - nowNanos);
        } else if (streams.mainPosition().compareTo(saved.read().position()) != 0) {
            next = Math.min(next, savedAt + SAVE_READ_MARK_EVERY - nowNanos);
        }
        for (var sender : parkedSenders) {
            next = Math.min(next, sender.nanosToNextTimer(nowNanos));
        }
        return next;
    }

    /** How it stands, as of the last turn that changed much. Any thread. */
    RelayStatus status() {
        return status;
    }

    /** Lowest index that a relay made anew from what is saved would need. Any thread. */
    long lowestNeeded() {
        return lowestNeeded;
    }

    /** Saves how far it is, with the answers that have come since the last turn. */
    void save() {
        for (int taken = 1; taken > 0; ) {
            taken = takeSignals();
        }
        saveNow();
    }

    /**
     * All destinations of a broker that are beyond a mark go on there again (S26). Saved before it returns.
     *
     * @return how many entries go again, at most
     * @throws OutboxException if that cannot be saved: they go again even so, unless this relay is made anew before
     */
    long rewind(String broker, Mark to, long nowNanos) {
        now = nowNanos;
        long entries = 0;
        boolean isAny = false;
        for (var stream : flowsByBroker.getOrDefault(broker, Map.of()).values()) {
            var at = mark(stream);
            if (at.isAfter(to)) {
                isAny = true;
                entries = Math.max(entries, at.nBefore() - to.nBefore());
                core.rewind(stream.flow, to, now);
            }
        }
        if (isAny) {
            confirmed.forget(broker);
            doSteps();
            saveNow();
            publishStatus();
            if (saveProblem != null) {
                throw new OutboxException(saveProblem);
            }
        }
        return entries;
    }

    /** Begins to close every producer: what is unanswered is abandoned. There must be no turn after this. */
    void closeProducers() {
        List.copyOf(producers.keySet()).forEach(this::closeProducer);
        parkedSenders.forEach(ParkedSender::close);
    }

    /** Whether a producer may still send. Any thread. */
    boolean isSending() {
        return openProducers.get() > 0 || parkedSenders.stream().anyMatch(ParkedSender::isSending);
    }

    /** Lets go of the outbox. Closes no producer. */
    @Override
    public void close() {
        streams.close();
    }

    // --- answers

    private int takeSignals() {
        int taken = 0;
        for (Object signal; taken < SIGNALS_PER_TURN && (signal = signals.poll()) != null; taken++) {
            if (signal instanceof Batch.Answer answer) {
                note(answer);
                boolean isLoss = isLoss(answer);
                core.onAnswer(answer.flow(), answer.ticket(), result(answer), now);
                if (isLoss) {
                    onLoss(answer.flow());
                }
            } else if (signal instanceof ParkedSender.Answer answer) {
                answer.sender().onAnswer(answer, now);
            } else if (signal instanceof ParkedSender sender) {
                sender.onClosed();
            } else if (signal instanceof Session closed) {
                core.onClosed(closed, now);
            } else {
                throw new AssertionError(signal);
            }
        }
        return taken;
    }

    private void note(Batch.Answer answer) {
        if (answer.result() instanceof SendResult.Sent sent) {
            confirmed.add(answer.flow().destination.broker(), sent.partition(), sent.position());
        }
    }

    private static boolean isLoss(Batch.Answer answer) {
        return answer.result() instanceof SendResult.Failed failed
                && failed.reason().isDataLost()
                && answer.flow().window.isPending(answer.ticket());
    }

    /**
     * The broker has lost what it had confirmed (S26): all that is retained goes again, of all its topics, since the others
     * may not have found out yet; before anything new, or that would make what comes again look like repeats.
     */
    private void onLoss(Flow flow) {
        var broker = flow.destination.broker();
        LOG.error(
                "{}: the broker has lost what it had confirmed; all that the outbox retains of it goes again", broker);
        try {
            rewind(broker, Mark.START, now);
        } catch (OutboxException unsaved) {
            LOG.error("{}: a crash before the disk is well again would forget that", broker, unsaved);
        }
    }

    /** What is refused for good is remembered, to be parked when it is read again; if it can be. */
    private SendResult result(Batch.Answer answer) {
        var flow = answer.flow();
        if (answer.result() instanceof SendResult.Failed failed
                && failed.reason().isAboutMessage()
                && flow.window.isPending(answer.ticket())) {
            var ofBroker = parking.get(flow.destination.broker());
            var why = String.valueOf(failed.reason().getMessage());
            if (ofBroker == null) {
                return new SendResult.Failed(BrokerException.refused(why, failed.reason()));
            }
            LOG.error("{}: an event is refused and its key parked: {}", flow.destination, why);
            ofBroker.refuse(flow.window.position(answer.ticket()), why);
        }
        return answer.result();
    }

    private void signal(Object signal) {
        signals.add(signal);
        wake.run();
    }

    // --- what the core wants

    private int doSteps() {
        int done = 0;
        for (var steps = core.steps(); !steps.isEmpty(); steps = core.steps()) {
            steps.forEach(this::perform);
            done += steps.size();
        }
        return done;
    }

    private void perform(RelayStep step) {
        if (step instanceof RelayStep.Close close) {
            closeProducer(close.session());
        } else if (step instanceof RelayStep.Restart restart) {
            var from = restart.from();
            streams.moveTo(stream(restart.flow()), from.position(), from.nBefore());
        } else if (step instanceof RelayStep.Resume resume) {
            streams.ready(stream(resume.flow()));
        } else if (step instanceof RelayStep.Report report) {
            tell(report.flow(), report.problem());
        } else {
            throw new AssertionError(step);
        }
    }

    private void closeProducer(Session session) {
        var producer = producers.remove(session);
        if (producer == null) {
            core.onClosed(session, now);
        } else {
            closer.close(producer, () -> {
                openProducers.decrementAndGet();
                signal(session);
            });
        }
    }

    private static void tell(Flow flow, @Nullable Problem problem) {
        if (problem == null) {
            LOG.info("{} is shipped again", flow.destination);
        } else if (problem.kind() == Problem.Kind.AWAY) {
            LOG.warn("{}", problem.text());
        } else {
            LOG.error("{}", problem.text());
        }
    }

    private FlowStream stream(Flow flow) {
        var stream = flows.get(flow.destination);
        if (stream == null) {
            throw new AssertionError(flow);
        }
        return stream;
    }

    // --- out of the outbox

    private @Nullable LogStream<OutboxCursor> streamOf(OutboxCursor entry) {
        var topics = flowsByBroker.get(entry.broker());
        if (topics != null) {
            var stream = topics.get(entry.topic());
            if (stream != null) {
                return stream;
            }
        }
        if (embedded.contains(entry.broker())) {
            return null;
        }
        isDirty = true;
        return add(
                new Destination(entry.broker(), entry.topic()),
                new Mark(new Position(entry.index(), entry.ordinal()), entry.n() - 1));
    }

    /** Entries of a broker that reads the outbox itself are none of ours, even if it did not always. */
    private void goOn(Destination destination, Mark from) {
        if (!embedded.contains(destination.broker())) {
            add(destination, from);
        }
    }

    private FlowStream add(Destination destination, Mark from) {
        var stream = new FlowStream(core.add(destination, now));
        flows.put(destination, stream);
        flowsByBroker
                .computeIfAbsent(destination.broker(), broker -> new HashMap<>())
                .put(destination.topic(), stream);
        streams.add(stream, from.position(), from.nBefore());
        return stream;
    }

    private void send(Session session, Batch batch) {
        try {
            var producer = producers.get(session);
            if (producer == null) {
                producer = broker(session).producer();
                producers.put(session, producer);
                openProducers.incrementAndGet();
            }
            producer.send(batch.messages(), batch);
        } catch (RuntimeException broken) {
            LOG.error("the client of broker {} failed while sending, it is opened again", session.broker(), broken);
            core.onBroken(session, broken, now);
        }
    }

    private Broker broker(Session session) {
        var broker = brokers.get(session.broker());
        if (broker == null) {
            throw new AssertionError(session);
        }
        return broker;
    }

    private void sendAll() {
        if (!batches.isEmpty()) {
            var full = List.copyOf(batches.entrySet());
            batches.clear();
            full.forEach(each -> send(each.getKey(), each.getValue()));
        }
    }

    // --- what is parked on the way out

    /** What was parked in this turn counts as shipped once it is forced. Blocks for the disk, if there is any. */
    private void settleParked() {
        if (parkedTickets.isEmpty()) {
            return;
        }
        for (var each : parkedTickets) {
            try {
                each.parking.force();
                core.onParked(each.flow, each.ticket, now);
            } catch (OutboxException refused) {
                core.onAnswer(each.flow, each.ticket, cannotPark(refused), now);
            }
        }
        parkedTickets.clear();
    }

    private static SendResult cannotPark(OutboxException why) {
        return new SendResult.Failed(BrokerException.refused(
                "an event is refused for good, and its key cannot be parked: " + why.getMessage(), why));
    }

    private int sendParked() {
        int sent = 0;
        for (var sender : parkedSenders) {
            sent += sender.run(now, (topic, head) -> isShippedUpTo(sender, topic, head)) ? 1 : 0;
        }
        return sent;
    }

    /** What lies before a parked head in the outbox is confirmed: after a rewind it goes first. */
    private boolean isShippedUpTo(ParkedSender sender, String topic, Position head) {
        var stream = flowsByBroker.getOrDefault(sender.broker(), Map.of()).get(topic);
        return (stream == null ? streams.mainPosition() : mark(stream).position()).compareTo(head) > 0;
    }

    private record ParkedTicket(OutgoingParking parking, Flow flow, long ticket) {}

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
            int bytes = entry.bytes();
            if (!core.canTake(flow, bytes)) {
                return false;
            }
            var ofBroker = parking.get(flow.destination.broker());
            if (ofBroker != null && !ofBroker.isIdle() && isParked(ofBroker, entry)) {
                return true;
            }
            var session = flow.session;
            var batch = batches.get(session);
            if (batch != null
                    && (batch.size() >= settings.batchMessages() || batch.bytes() + bytes > settings.batchBytes())) {
                batches.remove(session);
                send(session, batch);
                batch = null;
                if (!core.canTake(flow, bytes)) {
                    return false; // the producer broke
                }
            }
            if (batch == null) {
                batch = new Batch(RelayDuty.this::signal);
                batches.put(session, batch);
            }
            var message = entry.message();
            batch.add(flow, core.take(flow, entry.index(), entry.ordinal(), entry.n(), bytes, now), message, bytes);
            return true;
        }

        /** Whether the entry goes to those that wait, and not to the broker. */
        private boolean isParked(OutgoingParking ofBroker, OutboxCursor entry) {
            var at = new Position(entry.index(), entry.ordinal());
            var event = ofBroker.envelope(entry.message(), at, entry.appendedAtMillis());
            if (!ofBroker.takes(event)) {
                return false;
            }
            long ticket = core.take(flow, entry.index(), entry.ordinal(), entry.n(), entry.bytes(), now);
            try {
                ofBroker.park(event);
                parkedTickets.add(new ParkedTicket(ofBroker, flow, ticket));
            } catch (OutboxException refused) {
                core.onAnswer(flow, ticket, cannotPark(refused), now); // nothing behind it is taken then
            }
            return true;
        }
    }

    // --- cursors

    /**
     * After a power failure the outbox may end before the cursors: what comes then is new and has to be shipped. So they
     * go back on the disk before anything comes: after that nobody could tell, and what came would be passed over.
     */
    private Cursors clamped(Cursors cursors) {
        var end = new Mark(new Position(outbox.lastIndex() + 1, 0), outbox.lastN());
        if (cursors.destinations().values().stream().noneMatch(mark -> mark.isAfter(end))
                && !cursors.read().isAfter(end)) {
            return cursors;
        }
        LOG.warn("the cursors of the relay are ahead of the outbox, which has lost its end; they go back to its end");
        var destinations = new HashMap<>(cursors.destinations());
        destinations.replaceAll((destination, mark) -> mark.isAfter(end) ? end : mark);
        var back = Cursors.of(cursors.read().isAfter(end) ? end : cursors.read(), destinations);
        store.saveForced(back);
        return back;
    }

    private void saveIfDue() {
        long age = now - savedAt;
        boolean isDue = isDirty
                ? age >= settings.saveEvery().toNanos()
                : age >= SAVE_READ_MARK_EVERY
                        && streams.mainPosition().compareTo(saved.read().position()) != 0;
        if (isDue) {
            saveNow();
        }
    }

    private void saveNow() {
        var cursors = cursors();
        savedAt = now;
        try {
            store.save(cursors);
            saved = cursors;
            isDirty = false;
            lowestNeeded = cursors.lowestNeeded();
            if (saveProblem != null) {
                saveProblem = null;
                isStatusOld = true;
                LOG.info("the cursors of the relay are saved again");
            }
        } catch (OutboxException failure) {
            isDirty = true;
            isStatusOld = true;
            if (saveProblem == null) {
                LOG.error("the cursors of the relay are not saved, after a restart events would be repeated", failure);
            }
            saveProblem = "the cursors of the relay are not saved: " + failure.getMessage();
        }
    }

    private Cursors cursors() {
        var marks = new HashMap<Destination, Mark>();
        for (var stream : flows.values()) {
            marks.put(stream.flow.destination, mark(stream));
        }
        return Cursors.of(new Mark(streams.mainPosition(), streams.mainN()), marks);
    }

    private Mark mark(FlowStream stream) {
        var lowest = core.lowestUnconfirmed(stream.flow);
        return lowest != null ? lowest : new Mark(streams.position(stream), streams.nBefore(stream));
    }

    // --- status

    private void publishStatus() {
        isStatusOld = false;
        publishedAt = now;
        status = currentStatus();
        onStatus.run();
    }

    private RelayStatus currentStatus() {
        long unshipped = Math.max(0, outbox.lastN() - streams.mainN());
        long shippedN = streams.mainN();
        var destinations = new ArrayList<DestinationStatus>();
        var problems = new ArrayList<String>();
        for (var flow : core.flows()) {
            var stream = stream(flow);
            long count = unshipped(stream);
            unshipped += count;
            if (count > 0) {
                shippedN = Math.min(shippedN, mark(stream).nBefore());
            }
            var problem = flow.problem == null ? "" : flow.problem.text();
            if (!problem.isEmpty()) {
                problems.add(problem);
            }
            destinations.add(new DestinationStatus(flow.destination, count, problem));
        }
        if (saveProblem != null) {
            problems.add(saveProblem);
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
}
