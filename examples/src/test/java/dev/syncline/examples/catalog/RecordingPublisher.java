package dev.syncline.examples.catalog;

import dev.syncline.api.Event;
import dev.syncline.api.EventPublisher;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** Keeps what is published, in order; what happens before and after may throw, as a killed process would stop there. */
final class RecordingPublisher implements EventPublisher {

    final List<Event<?>> events = new ArrayList<>();
    Consumer<Event<?>> before = event -> {};
    Consumer<Event<?>> after = event -> {};

    @Override
    public <T> Event<T> publish(T payload) {
        return publish(Event.of(payload));
    }

    @Override
    public <T> Event<T> publish(Event<T> event) {
        before.accept(event);
        events.add(event);
        after.accept(event);
        return event;
    }

    @Override
    public List<Event<?>> publishAll(Collection<?> all) {
        throw new UnsupportedOperationException("the feed publishes one by one");
    }

    List<String> ids() {
        return events.stream().map(Event::id).toList();
    }
}
