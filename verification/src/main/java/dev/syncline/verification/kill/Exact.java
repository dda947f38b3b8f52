package dev.syncline.verification.kill;

import dev.syncline.api.Event;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.testkit.kill.Journal;
import dev.syncline.verification.kill.Account.Booked;
import dev.syncline.verification.kill.Account.Stated;

/** A handler that never fails: its position must be exactly where its journal is. */
@SyncHandler(value = Exact.ID, concurrency = Exact.LANES, deletes = SyncHandler.Deletes.IGNORE)
final class Exact {

    static final String ID = "exact";
    static final int LANES = 4;

    private final Journal journal;

    Exact(Journal journal) {
        this.journal = journal;
    }

    @OnEvent
    void booked(Event<Booked> event) {
        handle(event);
    }

    @OnEvent
    void stated(Event<Stated> event) {
        handle(event);
    }

    private void handle(Event<?> event) {
        try (var run = journal.run(ID, event.id())) {
            Work.before(event.id());
            run.effect();
            Work.after(event.id());
        }
    }
}
