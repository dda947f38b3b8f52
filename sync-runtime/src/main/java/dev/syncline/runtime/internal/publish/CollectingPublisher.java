package dev.syncline.runtime.internal.publish;

import dev.syncline.api.Event;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.outbox.Outgoing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects what one attempt publishes. Guarded by itself: user code may publish from several threads. */
final class CollectingPublisher implements AttemptPublisher {

    private final String handler;
    private final List<Event<?>> causes;
    private final EventEncoder encoder;
    private final Sink outbox;
    private final ThreadLocal<@Nullable AttemptPublisher> current;
    private final List<Outgoing> collected = new ArrayList<>();
    private final Map<String, Integer> ordinals = new HashMap<>();
    private boolean isOver;

    CollectingPublisher(
            String handler,
            List<Event<?>> causes,
            EventEncoder encoder,
            Sink outbox,
            ThreadLocal<@Nullable AttemptPublisher> current) {
        this.handler = handler;
        this.causes = List.copyOf(causes);
        this.encoder = encoder;
        this.outbox = outbox;
        this.current = current;
    }

    @Override
    public <T> Event<T> publish(T payload) {
        if (payload instanceof Event<?> event) {
            @SuppressWarnings("unchecked") // as in Publishing
            var published = (Event<T>) publish(event);
            return published;
        }
        return publish(Event.of(Objects.requireNonNull(payload, "payload")));
    }

    @Override
    public synchronized <T> Event<T> publish(Event<T> event) {
        var complete = complete(event);
        collect(List.of(encoder.encode(complete)));
        return complete;
    }

    @Override
    public synchronized List<Event<?>> publishAll(Collection<?> events) {
        var complete = new ArrayList<Event<?>>(events.size());
        var outgoing = new ArrayList<Outgoing>(events.size());
        for (var one : events) {
            var event = complete(Publishing.asEvent(one));
            complete.add(event);
            outgoing.add(encoder.encode(event));
        }
        collect(outgoing);
        return complete;
    }

    @Override
    public void commit(Supplier<List<byte[]>> marks) {
        List<Outgoing> document;
        synchronized (this) {
            checkNotOver();
            isOver = true;
            document = List.copyOf(collected);
        }
        if (!document.isEmpty()) {
            outbox.append(document, marks.get());
        }
    }

    @Override
    public synchronized void discard() {
        isOver = true;
        collected.clear();
    }

    @Override
    public Scope enter() {
        var before = current.get();
        current.set(this);
        return () -> {
            if (before == null) {
                current.remove();
            } else {
                current.set(before);
            }
        };
    }

    private void collect(List<Outgoing> outgoing) {
        checkNotOver();
        collected.addAll(outgoing);
    }

    private void checkNotOver() {
        if (isOver) {
            throw new OutboxException("the attempt of handler " + handler
                    + " is over: publish before it returns, or before its stage completes; nothing was stored");
        }
    }

    private <T> Event<T> complete(Event<T> event) {
        var cause = cause(event);
        var linked = event;
        if (event.causationId().isEmpty()) {
            linked = event.causedBy(cause);
        } else if (event.causationDepth() <= cause.causationDepth()) {
            linked = deeperThan(cause, event); // handed on as it came, or linked by hand
        }
        if (!linked.id().isEmpty()) {
            return encoder.complete(linked);
        }
        var slot = linked.type() + '\n' + linked.key();
        int ordinal = ordinals.merge(slot, 1, Integer::sum);
        return encoder.complete(
                linked, DerivedId.of(cause.source(), cause.id(), handler, linked.type(), linked.key(), ordinal));
    }

    private static <T> Event<T> deeperThan(Event<?> cause, Event<T> event) {
        var attributes = new HashMap<>(event.attributes());
        attributes.put("causationdepth", Long.toString(cause.causationDepth() + 1L));
        return event.withAttributes(attributes);
    }

    private Event<?> cause(Event<?> event) {
        var named = event.causationId().orElse("");
        for (var cause : causes) {
            if (cause.id().equals(named)) {
                return cause;
            }
        }
        return causes.get(0);
    }
}
