package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.EventType;
import dev.syncline.runtime.internal.handling.Path;
import dev.syncline.runtime.internal.handling.Paths;
import dev.syncline.runtime.internal.handling.Shape;
import dev.syncline.runtime.internal.settings.Nearest;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the paths of one method, for each type and version that it takes; missing and ambiguous ones are faults. */
final class MethodPaths {

    private final HandlerMethod method;
    private final Catalogue catalogue;
    private final MappingPaths mapping;
    private final Faults faults;
    private final List<Flow> flows;
    private final Map<String, Paths.Versions> byType = new HashMap<>();
    private @Nullable Path otherwise;

    /**
     * Begins.
     *
     * @param mapping among the mappers that the method may use
     * @param flows takes what was found, for the report
     */
    MethodPaths(HandlerMethod method, Catalogue catalogue, MappingPaths mapping, Faults faults, List<Flow> flows) {
        this.method = method;
        this.catalogue = catalogue;
        this.mapping = mapping;
        this.faults = faults;
        this.flows = flows;
    }

    /** Adds a type by its exact name. */
    void add(String name) {
        var versions = new HashMap<Integer, Path>();
        catalogue.versions(name).values().forEach(payload -> typed(payload, versions));
        boolean isKnown = !catalogue.versions(name).isEmpty();
        byType.put(name, new Paths.Versions(versions, untyped(name, isKnown)));
    }

    /**
     * Adds all types of an entity.
     *
     * @param names those that are known and that no other method takes by name
     */
    void addEntity(String types, List<String> names) {
        names.forEach(this::add);
        otherwise = untyped(types, !names.isEmpty());
    }

    /** What was added. */
    Paths paths() {
        return new Paths(byType, otherwise);
    }

    /** The path where no payload class says how; null, perhaps with a fault, if the method needs one. */
    private @Nullable Path untyped(String name, boolean isKnown) {
        if (method.subject().kind() == Subject.Kind.CLASS) {
            return isKnown ? null : foreign(name);
        }
        if (!isKnown || method.subject().kind() != Subject.Kind.ANY) {
            flows.add(new Flow(name, null, "as it is", method));
        }
        return new Path(method.subject().type(), List.of());
    }

    private void typed(PayloadClass payload, Map<Integer, Path> versions) {
        if (method.subject().kind() != Subject.Kind.CLASS) {
            if (method.subject().kind() == Subject.Kind.ANY) {
                put(versions, payload, new Path(payload.type(), List.of()), "as it is");
            }
            return;
        }
        var target = method.subject().type();
        var found = mapping.find(payload.type(), target);
        if (found.size() == 1) {
            put(
                    versions,
                    payload,
                    new Path(payload.type(), found.get(0).steps()),
                    found.get(0).toString());
        } else if (found.size() > 1) {
            faults.add(method.name() + " takes " + payload.name() + " as " + Names.of(target) + ", and from " + payload
                    + " lead several paths of the same length: " + String.join("; ", texts(found))
                    + ". Remove a mapper, or put the one that is meant into the handler's class");
        } else if (payload.kind() == EventType.Kind.DELETE && method.shape() == Shape.CHANGE) {
            put(versions, payload, Path.WITHOUT_DATA, "without data");
        } else {
            faults.add(missing(payload, target));
        }
    }

    private String missing(PayloadClass payload, Type target) {
        var own = catalogue.of(target);
        var text = method.name() + " takes " + payload.name() + " as " + Names.of(target);
        if (own != null && own.name().equals(payload.name()) && own.version() < payload.version()) {
            return text + ", but there is the newer " + payload + ": let it take " + Names.of(payload.type())
                    + ", and lift older events with a @MapsTo";
        }
        return text + ", but no path leads to it from " + payload + ": add @MapsTo " + Names.of(target) + " …("
                + Names.of(payload.type()) + ")"
                + (catalogue.versions(payload.name()).size() > 1
                        ? ", or a @MapsTo that lifts it to a newer version"
                        : "");
    }

    private @Nullable Path foreign(String name) {
        var target = method.subject().type();
        var sources = new ArrayList<Path>();
        var texts = new ArrayList<String>();
        if (target instanceof Class<?> plain && catalogue.foreign().contains(plain)) {
            sources.add(new Path(plain, List.of()));
            texts.add("as it is");
        }
        for (var mapper : mapping.mappers()) {
            boolean isForeign = mapper.from() instanceof Class<?> from
                    && (catalogue.foreign().contains(from) || from == Map.class || from == byte[].class);
            if (isForeign && mapper.to().equals(target)) {
                sources.add(new Path(mapper.from(), List.of(mapper.step())));
                texts.add(mapper.toString());
            }
        }
        if (sources.size() == 1) {
            flows.add(new Flow(name, null, texts.get(0), method));
            return sources.get(0);
        }
        faults.add(
                sources.isEmpty()
                        ? method.name() + " takes \"" + name + "\" as " + Names.of(target)
                                + ", and no payload class knows that type" + Nearest.hint(name, catalogue.names())
                                + "; put @EventType(\"" + name + "\") on its payload class and name that in"
                                + " payloads(…), or take Map<String, Object>"
                        : method.name() + " takes \"" + name + "\", which no payload class knows, and several ways lead"
                                + " to " + Names.of(target) + ": " + String.join("; ", texts) + "; keep one");
        return null;
    }

    private void put(Map<Integer, Path> versions, PayloadClass payload, Path path, String text) {
        versions.put(payload.version(), path);
        flows.add(new Flow(payload.name(), payload, text, method));
    }

    private static List<String> texts(List<MappingPaths.Found> found) {
        return found.stream().map(MappingPaths.Found::toString).toList();
    }
}
