package dev.syncline.runtime.internal.park;

import java.util.List;
import java.util.TreeSet;

/** Passes on what cannot be read, each place once. Any thread. */
final class Damage {

    private final ParkAlarms alarms;
    private final TreeSet<Long> indexes = new TreeSet<>();

    Damage(ParkAlarms alarms) {
        this.alarms = alarms;
    }

    void at(long index, String why) {
        synchronized (indexes) {
            if (!indexes.add(index)) {
                return;
            }
        }
        alarms.onDamaged(index, why);
    }

    List<Long> indexes() {
        synchronized (indexes) {
            return List.copyOf(indexes);
        }
    }
}
