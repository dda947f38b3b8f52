package dev.syncline.testkit.simulation;

import dev.syncline.api.EntityVersion;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.EventType.Kind;

/** What simulated events are about. */
final class Thing {

    static final String REMOVED = "sim.thing.removed";

    private Thing() {}

    /** Its state: the newest counts. */
    @EventType("sim.thing.changed")
    record Changed(@EventKey String key, @EntityVersion long version, int number) {}

    /** A change to it: each counts. */
    @EventType(value = "sim.thing.counted", kind = Kind.DELTA)
    record Counted(@EventKey String key, int number) {}

    /** What a handler makes of a change: each once. */
    @EventType(value = "sim.echo.made", kind = Kind.DELTA)
    record Echo(@EventKey String key, int number) {}
}
