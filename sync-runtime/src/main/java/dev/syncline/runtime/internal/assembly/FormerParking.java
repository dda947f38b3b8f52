package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.remote.PlaceFile;
import dev.syncline.runtime.internal.wiring.HandlerPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * Events that were parked in one place when this directory was used last, while their handler would look for them in
 * another one now: they would wait there unseen, and later events of their keys would overtake them.
 */
final class FormerParking {

    private final Blueprint blueprint;
    private final ParkStores parked;
    private final EnvelopeReader reader;

    private FormerParking(Blueprint blueprint, ParkStores parked) {
        this.blueprint = blueprint;
        this.parked = parked;
        this.reader = new EnvelopeReader(blueprint.clock(), Integer.MAX_VALUE);
    }

    /** What is left behind, a line each. */
    static List<String> problems(Blueprint blueprint, ParkStores parked) {
        var former = new FormerParking(blueprint, parked);
        var problems = new ArrayList<String>();
        for (var plan : blueprint.wired().plans()) {
            plan.topics().keySet().forEach(broker -> former.look(plan, broker, problems));
        }
        return problems;
    }

    private void look(HandlerPlan plan, String broker, List<String> problems) {
        var events = "events of handler \"" + plan.id() + "\" on broker \"" + broker + "\" are parked ";
        var setting = "handlers." + plan.id() + ".";
        boolean isOnDisk = !plan.isShared() && !plan.parksElsewhere();
        if (!isOnDisk && parked.isAnyParked(plan.id(), broker, reader, blueprint.clock())) {
            problems.add(events + "in the data directory, and are to be " + placeNow(plan)
                    + " from now on: start once more with " + setting
                    + (plan.isShared() ? "state=embedded" : "park-on=disk")
                    + ", and redrive, skip or drop them first");
        }
        var file = new PlaceFile(blueprint.storage().parkedElsewhere(plan.id(), broker));
        var place = file.place();
        if (!place.isEmpty() && !(plan.parksElsewhere() && place.equals(blueprint.parkedOn()))) {
            problems.add(events + "on " + place + ", or were when it was stopped, and are to be " + placeNow(plan)
                    + " from now on: start once more with parkOn(\"" + place + "\") and " + setting
                    + "park-on=broker, redrive, skip or drop them, close it, then change it; if it is the same place"
                    + " under another address, or they are to be given up, delete " + file);
        }
    }

    private String placeNow(HandlerPlan plan) {
        if (plan.isShared()) {
            return "with the shared state";
        }
        return plan.parksElsewhere() ? "on " + blueprint.parkedOn() : "in the data directory";
    }
}
