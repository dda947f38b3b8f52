package dev.syncline.verification.kill;

import dev.syncline.api.Delivery;
import dev.syncline.api.Event;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.testkit.kill.Journal;
import dev.syncline.verification.kill.Account.Booked;
import dev.syncline.verification.kill.Account.Stated;

/**
 * A handler that fails on some events of some keys: once, so that the attempt in place succeeds; several times, so that the key
 * is parked; or for good, so that a person has to decide. In the last life it is well again.
 */
@SyncHandler(
        value = Moody.ID,
        concurrency = Moody.LANES,
        retry = "5ms 5ms",
        retryLater = "50ms 100ms 200ms",
        deletes = SyncHandler.Deletes.IGNORE)
final class Moody {

    static final String ID = "moody";
    static final int LANES = 4;

    /**
     * What one crash may repeat: an attempt per lane, and the heads of four parked keys per lane, whose effects took place on
     * other threads and of whose end the lane has not yet heard.
     */
    static final int AT_ONCE = LANES * (1 + 4);

    private static final int KEYS_PER_ONE_IN_TROUBLE = 8;
    private static final int EVENTS_PER_FAILURE = 16;
    private static final int ATTEMPTS_IN_PLACE = 3;

    private final Journal journal;

    Moody(Journal journal) {
        this.journal = journal;
    }

    @OnEvent
    Outcome booked(Event<Booked> event, Delivery delivery) {
        return handle(event, delivery);
    }

    @OnEvent
    Outcome stated(Event<Stated> event, Delivery delivery) {
        return handle(event, delivery);
    }

    private Outcome handle(Event<?> event, Delivery delivery) {
        try (var run = journal.run(ID, event.id())) {
            Work.before(event.id());
            if (!journal.isLastLife() && isInTrouble(event)) {
                switch (Work.number(event.id()) / EVENTS_PER_FAILURE % 3) {
                    case 0 -> failUntil(delivery, 1);
                    case 1 -> failUntil(delivery, ATTEMPTS_IN_PLACE + 1);
                    default -> {
                        if (delivery.mode() != Delivery.Mode.REDRIVE) {
                            return Outcome.reject("not in the mood");
                        }
                    }
                }
            }
            run.effect();
            Work.after(event.id());
            return Outcome.done();
        }
    }

    private static boolean isInTrouble(Event<?> event) {
        return Work.number(event.key()) % KEYS_PER_ONE_IN_TROUBLE == 0
                && Work.number(event.id()) % EVENTS_PER_FAILURE == 0;
    }

    private static void failUntil(Delivery delivery, int attempt) {
        if (delivery.attempt() <= attempt && delivery.mode() != Delivery.Mode.REDRIVE) {
            throw new IllegalStateException("not in the mood, attempt " + delivery.attempt());
        }
    }
}
