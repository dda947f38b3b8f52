package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.ContractException;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.wiring.Declarations.RouteDeclaration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Type to topic: the first route that fits, else the type without its last segment on the default broker.
 *
 * <p>Threading: any.
 */
final class RouteTable implements Topics {

    /** What Kafka takes; the other brokers take more. */
    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");

    private final List<RouteDeclaration> routes;
    private final String defaultBroker;

    RouteTable(List<RouteDeclaration> routes, String defaultBroker) {
        this.routes = List.copyOf(routes);
        this.defaultBroker = defaultBroker;
    }

    static boolean isTopic(String topic) {
        return TOPIC.matcher(topic).matches() && !topic.equals(".") && !topic.equals("..");
    }

    @Override
    public Place of(String type) {
        var place = unchecked(type);
        if (!isTopic(place.topic())) {
            throw new ContractException(
                    "no.topic",
                    "type \"" + LogText.of(type)
                            + "\" names no topic: it needs two or more segments of letters, digits, -"
                            + " and _ joined by dots, or a route");
        }
        return place;
    }

    private Place unchecked(String type) {
        for (var route : routes) {
            if (TypeNames.covers(route.types(), type)) {
                return place(route, Names.entity(type));
            }
        }
        return new Place(defaultBroker, Names.entity(type));
    }

    /** A route by settings may leave out the topic or the broker. */
    private Place place(RouteDeclaration route, String entity) {
        return new Place(
                route.broker().isEmpty() ? defaultBroker : route.broker(),
                route.topic().isEmpty() ? entity : route.topic());
    }

    /**
     * Where events of a type, or of all types {@code a.b.*}, may be: a route may take one type out of the others. The
     * topics are not checked.
     */
    Set<Place> placesOf(String types) {
        if (TypeNames.isExact(types)) {
            return Set.of(unchecked(types));
        }
        var places = new LinkedHashSet<Place>();
        for (var route : routes) {
            if (TypeNames.covers(route.types(), types)) {
                places.add(place(route, TypeNames.stem(types)));
                return places;
            }
            if (TypeNames.covers(types, route.types())) {
                places.add(place(route, TypeNames.stem(types)));
            }
        }
        places.add(new Place(defaultBroker, TypeNames.stem(types)));
        return places;
    }
}
