package dev.syncline.testkit.kill;

import dev.syncline.testkit.kill.KillOracle.Fault;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Faults that were found: how many of each, and the first ones in words. */
final class Findings {

    private static final int TOLD = 20;

    private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
    private final List<String> told = new ArrayList<>();

    void add(Life in, Fault fault, String what) {
        faults.merge(fault, 1L, Long::sum);
        if (told.size() < TOLD) {
            told.add(fault.text() + ", found in life " + in + ": " + what);
        }
    }

    Map<Fault, Long> faults() {
        return Map.copyOf(faults);
    }

    List<String> told() {
        return List.copyOf(told);
    }
}
