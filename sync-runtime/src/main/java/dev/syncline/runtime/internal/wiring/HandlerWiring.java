package dev.syncline.runtime.internal.wiring;

import dev.syncline.runtime.internal.handling.Route;
import dev.syncline.runtime.internal.handling.Routes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Wires the methods of one handler: which types each takes, by which paths, from which topics. */
final class HandlerWiring {

    private final Handler handler;
    private final Catalogue catalogue;
    private final RouteTable topics;
    private final Faults faults;
    private final List<Flow> flows = new ArrayList<>();

    HandlerWiring(Handler handler, Catalogue catalogue, RouteTable topics, Faults faults) {
        this.handler = handler;
        this.catalogue = catalogue;
        this.topics = topics;
        this.faults = faults;
    }

    /** The routes; usable only if no faults were added. */
    Routes routes(List<MapperMethod> commonMappers) {
        var mapping = new MappingPaths(catalogue, commonMappers, handler.own());
        var exact = new LinkedHashMap<String, Integer>();
        var byEntity = new LinkedHashMap<String, Integer>();
        var methods = handler.methods();
        for (int i = 0; i < methods.size(); i++) {
            for (var types : methods.get(i).types()) {
                enter(types, i, exact, byEntity);
            }
        }
        var routes = new ArrayList<Route>();
        for (var method : methods) {
            var paths = new MethodPaths(method, catalogue, mapping, faults, flows);
            for (var types : new LinkedHashSet<>(method.types())) {
                if (TypeNames.isExact(types)) {
                    paths.add(types);
                } else if (TypeNames.isOneSegment(types)) {
                    var others = new ArrayList<>(catalogue.namesOf(TypeNames.stem(types)));
                    others.removeAll(exact.keySet());
                    paths.addEntity(types, others);
                }
            }
            routes.add(new Route(
                    method.name(),
                    method.shape(),
                    method.isList(),
                    method.answer(),
                    method.isStage(),
                    method.invoker(),
                    paths.paths()));
        }
        return new Routes(routes, exact, byEntity);
    }

    /** How data reaches the methods; filled by {@link #routes}. */
    List<Flow> flows() {
        return flows;
    }

    /** The topics to read, by broker. */
    Map<String, Set<String>> topics() {
        var topicsByBroker = new HashMap<String, Set<String>>();
        for (var method : handler.methods()) {
            for (var types : method.types()) {
                if (TypeNames.isExact(types) || TypeNames.isOneSegment(types)) {
                    for (var place : placesOf(method, types)) {
                        topicsByBroker
                                .computeIfAbsent(place.broker(), broker -> new HashSet<>())
                                .add(place.topic());
                    }
                }
            }
        }
        return topicsByBroker;
    }

    private Set<Topics.Place> placesOf(HandlerMethod method, String types) {
        var places = topics.placesOf(types);
        for (var place : places) {
            if (!RouteTable.isTopic(place.topic())) {
                faults.add(
                        method.name() + " takes \"" + types + "\", which names no topic: it needs two or more segments"
                                + " of letters, digits, - and _ joined by dots, or a route");
                return Set.of();
            }
        }
        return places;
    }

    private void enter(String types, int number, Map<String, Integer> exact, Map<String, Integer> byEntity) {
        var method = handler.methods().get(number);
        Integer before;
        if (TypeNames.isExact(types)) {
            before = exact.putIfAbsent(types, number);
        } else if (TypeNames.isOneSegment(types)) {
            before = byEntity.putIfAbsent(TypeNames.stem(types), number);
        } else {
            faults.add(
                    method.name() + " takes \"" + types + "\"; a type is named in full, or with * for its last segment"
                            + " (a.b.*), since all of one entity share a topic"
                            + (TypeNames.isDeep(types) ? "; ** is for routes" : ""));
            return;
        }
        if (before != null && before != number) {
            faults.add(
                    handler.methods().get(before).name() + " and " + method.name() + " both take \"" + types
                            + "\": within a handler a type meets one method; take it out of one, or make a second handler class");
        }
    }
}
