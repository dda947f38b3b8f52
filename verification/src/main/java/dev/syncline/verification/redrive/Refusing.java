package dev.syncline.verification.redrive;

import dev.syncline.api.Delivery;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.testkit.kill.Journal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** What handlers do with events that are to die: refuse them, as their {@link Fate} says. In the last life all is well. */
final class Refusing {

    static final String TILL = "till";
    static final String SHELF = "shelf";
    static final int LANES = 2;

    /** What one crash may repeat: an attempt per lane, and the heads of four parked keys per lane. */
    static final int AT_ONCE = LANES * (1 + 4);

    private final Journal journal;
    private final Consumer<String> drains;
    private final Set<String> handedIn = ConcurrentHashMap.newKeySet();

    /** The event of both handlers: each counts. */
    @EventType(value = "redrive.stock.changed", kind = EventType.Kind.DELTA)
    record Changed(@EventKey String shelf, long number) {}

    @SyncHandler(
            value = TILL,
            concurrency = LANES,
            retry = "1ms",
            retryLater = "10ms 20ms 50ms",
            deletes = SyncHandler.Deletes.IGNORE)
    final class Till {
        @OnEvent
        Outcome changed(Event<Changed> event, Delivery delivery) {
            return handle(TILL, event, delivery);
        }
    }

    @SyncHandler(
            value = SHELF,
            concurrency = LANES,
            retry = "1ms",
            retryLater = "10ms 20ms 50ms",
            deletes = SyncHandler.Deletes.IGNORE)
    final class Shelf {
        @OnEvent
        Outcome changed(Event<Changed> event, Delivery delivery) {
            return handle(SHELF, event, delivery);
        }
    }

    /** @param drains takes the key of an event that was handled after it was dead: what was behind it comes next, then the key is free */
    Refusing(Journal journal, Consumer<String> drains) {
        this.journal = journal;
        this.drains = drains;
    }

    private Outcome handle(String handler, Event<?> event, Delivery delivery) {
        boolean isRedrive = delivery.mode() == Delivery.Mode.REDRIVE;
        try (var run = journal.run(handler, event.id())) {
            var fate = journal.isLastLife() ? Fate.SOUND : Fate.of(handler, event.id());
            boolean isFirst = isRedrive && fate != Fate.SOUND && handedIn.add(handler + " " + event.id());
            if (isFirst && fate == Fate.DEAD_THEN_FAILS) {
                throw new IllegalStateException("not yet");
            }
            if (fate != Fate.SOUND && (!isRedrive || (isFirst && fate == Fate.DEAD_AGAIN))) {
                journal.remark(Story.DIES + " " + handler + " " + event.id());
                return Outcome.reject("not in stock");
            }
            run.effect();
        }
        if (isRedrive) {
            drains.accept(event.key());
        }
        return Outcome.done();
    }
}
