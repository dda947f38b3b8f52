package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.EventType;
import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The payload classes that an application named anywhere: one per event type and version. */
final class Catalogue {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+");

    private final SortedMap<String, SortedMap<Integer, PayloadClass>> byName = new TreeMap<>();
    private final Map<Class<?>, PayloadClass> byClass = new HashMap<>();
    private final Set<Class<?>> foreign = new LinkedHashSet<>();
    private final Faults faults;

    Catalogue(Faults faults) {
        this.faults = faults;
    }

    /** Takes the class if it says of itself which event it is the payload of; other classes are ignored. */
    void add(Type type) {
        if (!(type instanceof Class<?> candidate) || byClass.containsKey(candidate)) {
            return;
        }
        var said = candidate.getAnnotation(EventType.class);
        if (said == null) {
            return;
        }
        var payload = new PayloadClass(candidate, said.value(), said.version(), said.kind());
        byClass.put(candidate, payload);
        var where = Names.of(candidate) + ": @EventType";
        if (!NAME.matcher(said.value()).matches()) {
            faults.add(
                    where + " value \"" + said.value() + "\" must be two or more segments of letters, digits, - and _"
                            + " joined by dots, such as catalog.product.changed");
        }
        if (said.version() < 1) {
            faults.add(where + " version " + said.version() + " must be 1 or more");
        }
        PayloadMarks.check(candidate, faults);
        var versions = byName.computeIfAbsent(said.value(), name -> new TreeMap<>());
        for (var other : versions.values()) {
            if (other.kind() != said.kind()) {
                faults.add(where + " kind " + said.kind() + " differs from that of " + other
                        + ", the same type: make it " + other.kind() + " or give it another name");
            }
        }
        var before = versions.putIfAbsent(said.version(), payload);
        if (before != null) {
            faults.add(where + " \"" + said.value() + "\" version " + said.version() + " is also that of "
                    + before.type().getName() + ": give one of them another version or name");
        }
    }

    /** Takes a class given to {@code payloads(…)}: one that cannot be annotated may be decoded into as it is. */
    void addGiven(Class<?> given) {
        if (given.isAnnotationPresent(EventType.class)) {
            add(given);
        } else {
            foreign.add(given);
        }
    }

    @Nullable
    PayloadClass of(Type type) {
        return type instanceof Class<?> plain ? byClass.get(plain) : null;
    }

    /** By version; empty if no class is known. */
    SortedMap<Integer, PayloadClass> versions(String name) {
        return byName.getOrDefault(name, new TreeMap<>());
    }

    EventType.@Nullable Kind kind(String name) {
        var any = versions(name).values().stream().findAny(); // all versions have one kind
        return any.map(PayloadClass::kind).orElse(null);
    }

    /** By name, of all names. */
    Map<String, EventType.Kind> kinds() {
        var kinds = new HashMap<String, EventType.Kind>();
        byClass.values().forEach(payload -> kinds.put(payload.name(), payload.kind()));
        return kinds;
    }

    Set<String> names() {
        return byName.keySet();
    }

    /** The known types of an entity. */
    List<String> namesOf(String entity) {
        return byName.keySet().stream()
                .filter(name -> Names.entity(name).equals(entity))
                .toList();
    }

    Set<Class<?>> foreign() {
        return foreign;
    }
}
