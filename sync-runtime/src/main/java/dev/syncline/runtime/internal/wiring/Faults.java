package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.ConfigurationException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what is wrong, so that all of it is told at once. A fault that two places see is told once. */
final class Faults {

    private final Set<String> found = new LinkedHashSet<>();

    void add(String fault) {
        found.add(fault);
    }

    void addAll(List<String> faults) {
        found.addAll(faults);
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw new ConfigurationException(List.copyOf(found));
        }
    }
}
