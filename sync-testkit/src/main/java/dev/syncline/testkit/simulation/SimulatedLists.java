package dev.syncline.testkit.simulation;

import dev.syncline.api.BatchOutcome;
import dev.syncline.api.Event;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The third handler, taking lists; where one fails as a whole, its halves are tried apart. */
@SyncHandler(value = "three", idempotent = true)
final class SimulatedLists {

    private final Mood mood;

    SimulatedLists(Mood mood) {
        this.mood = mood;
    }

    @OnEvent
    CompletionStage<BatchOutcome> changed(List<Event<Thing.Changed>> events) {
        return mood.answerAll(events.stream().map(Event::id).toList());
    }

    @OnEvent(Thing.REMOVED)
    CompletionStage<BatchOutcome> removed(List<Event<?>> events) {
        return mood.answerAll(events.stream().map(Event::id).toList());
    }

    @OnEvent
    CompletionStage<BatchOutcome> counted(List<Event<Thing.Counted>> events) {
        return mood.answerAll(events.stream().map(Event::id).toList());
    }
}
