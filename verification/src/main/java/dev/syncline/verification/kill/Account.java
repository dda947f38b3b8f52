package dev.syncline.verification.kill;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;

/** What the application publishes: two types of event of one entity, one for each way in which events count. */
final class Account {

    /** All types of the entity. */
    static final String EVENTS = "count.account.*";

    static final String BOOKED = "count.account.booked";
    static final String STATED = "count.account.stated";

    private Account() {}

    /** Each of them counts. */
    @EventType(value = BOOKED, kind = EventType.Kind.DELTA)
    record Booked(@EventKey String account, long number, String text) {}

    /** The newest counts; the guard must not take one for stale. */
    @EventType(STATED)
    record Stated(@EventKey String account, @EntityVersion long number, String text) {}
}
