package dev.syncline.runtime.internal.publish;

import dev.syncline.api.Event;
import dev.syncline.api.EventPublisher;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.outbox.Outgoing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The room that an application publishes through. Any thread runs it. It owns nothing but the publisher that the
 * current thread's attempt has. It hands on events that are complete, checked against their contract and encoded to
 * the outbox, and returns when they are as durable as that promises; when anything is wrong it throws a typed error
 * and nothing is stored (S22).
 *
 * <p>It exists before start, so that services can be made with it; until start, and after close, publishing throws.
 */
public final class Publishing implements EventPublisher, Attempts {

    private static final String NOT_STARTED =
            "not started: publish after Sync.start() began, or wait for it; nothing was stored";

    @SuppressWarnings("ThreadLocalUsage") // one per instance, on purpose: several instances live in one JVM
    private final ThreadLocal<@Nullable AttemptPublisher> current = new ThreadLocal<>();

    private volatile @Nullable Stage stage;
    private volatile String whyNot = NOT_STARTED;

    /** Where events go from now on. */
    public void open(EventEncoder encoder, Sink outbox) {
        stage = new Stage(encoder, outbox);
    }

    /** Nothing is published any more. */
    public void close() {
        whyNot = "closed: nothing is published after Sync.close(); nothing was stored";
        stage = null;
    }

    @Override
    public <T> Event<T> publish(T payload) {
        Objects.requireNonNull(payload, "payload");
        if (payload instanceof Event<?> event) {
            @SuppressWarnings("unchecked") // the caller's T is the event itself; erasure hides that it gets one back
            var published = (Event<T>) publish(event);
            return published;
        }
        return publish(Event.of(payload));
    }

    @Override
    public <T> Event<T> publish(Event<T> event) {
        Objects.requireNonNull(event, "event");
        var attempt = current.get();
        if (attempt != null) {
            return attempt.publish(event);
        }
        var open = open();
        var complete = open.encoder.complete(event);
        open.outbox.append(List.of(open.encoder.encode(complete)), List.of());
        return complete;
    }

    @Override
    public List<Event<?>> publishAll(Collection<?> events) {
        var attempt = current.get();
        if (attempt != null) {
            return attempt.publishAll(events);
        }
        var open = open();
        var complete = new ArrayList<Event<?>>(events.size());
        var outgoing = new ArrayList<Outgoing>(events.size());
        for (var one : events) {
            var event = open.encoder.complete(asEvent(one));
            complete.add(event);
            outgoing.add(open.encoder.encode(event));
        }
        if (!outgoing.isEmpty()) {
            open.outbox.append(outgoing, List.of());
        }
        return complete;
    }

    @Override
    public AttemptPublisher begin(String handler, List<Event<?>> causes) {
        var open = open();
        return new CollectingPublisher(handler, causes, open.encoder, open.outbox, current);
    }

    static Event<?> asEvent(Object payloadOrEvent) {
        return payloadOrEvent instanceof Event<?> event
                ? event
                : Event.of(Objects.requireNonNull(payloadOrEvent, "payload"));
    }

    private Stage open() {
        var open = stage;
        if (open == null) {
            throw new OutboxException(whyNot);
        }
        return open;
    }

    private record Stage(EventEncoder encoder, Sink outbox) {}
}
