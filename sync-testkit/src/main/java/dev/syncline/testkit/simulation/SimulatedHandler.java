package dev.syncline.testkit.simulation;

import dev.syncline.api.Event;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import java.util.concurrent.CompletionStage;

/** A handler of simulated events: its mood decides what it answers. */
class SimulatedHandler {

    private final Mood mood;

    private SimulatedHandler(Mood mood) {
        this.mood = mood;
    }

    /** @param areLists whether the third one takes lists */
    static Object of(int number, Mood mood, boolean areLists) {
        return switch (number) {
            case 0 -> new One(mood);
            case 1 -> new Two(mood);
            case 2 -> areLists ? new SimulatedLists(mood) : new Three(mood);
            default -> throw new IllegalArgumentException("handler " + number);
        };
    }

    static String name(int number) {
        return switch (number) {
            case 0 -> "one";
            case 1 -> "two";
            case 2 -> "three";
            default -> throw new IllegalArgumentException("handler " + number);
        };
    }

    @OnEvent
    CompletionStage<Outcome> changed(Event<Thing.Changed> event) {
        return mood.answer(event.id(), Outcome.done());
    }

    @OnEvent(Thing.REMOVED)
    CompletionStage<Outcome> removed(Event<?> event) {
        return mood.answer(event.id(), Outcome.done());
    }

    /** What it publishes belongs to the attempt. */
    Outcome echo(Event<Thing.Counted> event) {
        return Outcome.done();
    }

    @OnEvent
    CompletionStage<Outcome> counted(Event<Thing.Counted> event) {
        return mood.answer(event.id(), echo(event));
    }

    /** Answers every change that counts with an event of its own. */
    @SyncHandler("one")
    static final class One extends SimulatedHandler {

        private One(Mood mood) {
            super(mood);
        }

        @Override
        Outcome echo(Event<Thing.Counted> event) {
            return Outcome.publish(new Thing.Echo(event.key(), event.payload().number()));
        }
    }

    /** Handles echoes, too. */
    @SyncHandler("two")
    static final class Two extends SimulatedHandler {

        private final Mood mood;

        private Two(Mood mood) {
            super(mood);
            this.mood = mood;
        }

        @OnEvent
        CompletionStage<Outcome> made(Event<Thing.Echo> event) {
            return mood.answer(event.id(), Outcome.done());
        }
    }

    /** As the first, without echoes. */
    @SyncHandler("three")
    static final class Three extends SimulatedHandler {

        private Three(Mood mood) {
            super(mood);
        }
    }
}
