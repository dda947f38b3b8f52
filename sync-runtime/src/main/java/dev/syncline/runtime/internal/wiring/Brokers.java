package dev.syncline.runtime.internal.wiring;

import dev.syncline.runtime.internal.settings.Nearest;
import dev.syncline.runtime.internal.settings.Settings;
import dev.syncline.runtime.internal.wiring.Declarations.BrokerDeclaration;
import dev.syncline.runtime.internal.wiring.Declarations.RouteDeclaration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Merges brokers and routes of the builder with those of the settings, which win. */
final class Brokers {

    private static final String DEFAULT = "default";

    private final Map<String, BrokerDeclaration> byName = new LinkedHashMap<>();
    private final List<RouteDeclaration> routes = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private final Faults faults;

    Brokers(Declarations declared, Settings settings, Faults faults) {
        this.faults = faults;
        for (var broker : declared.brokers()) {
            if (byName.put(broker.name(), broker) != null) {
                faults.add("broker \"" + broker.name() + "\" is declared twice; give the second one a name of its own:"
                        + " broker(name, uri, options)");
            }
        }
        settings.brokers().forEach(this::merge);
        if (byName.isEmpty()) {
            faults.add(
                    "there is no broker: call broker(\"kafka://…\"), broker(\"redis://…\") or broker(\"local:\"), or set"
                            + " brokers.default.uri");
        }
        for (var route : settings.routes()) {
            add(
                    new RouteDeclaration(
                            route.types(),
                            route.broker() == null ? "" : route.broker(),
                            route.topic() == null ? "" : route.topic()),
                    "setting " + route.key());
            if (route.broker() == null && route.topic() == null) {
                faults.add("setting " + route.key() + " routes \"" + route.types() + "\" nowhere: give it a broker, a"
                        + " topic or both");
            }
        }
        for (var route : declared.routes()) {
            add(route, "builder");
        }
    }

    private void merge(String name, Settings.BrokerSettings settings) {
        var before = byName.get(name);
        var uri = settings.uri() != null ? settings.uri() : before == null ? null : before.uri();
        if (uri == null) {
            faults.add("settings give options to broker \"" + name + "\", which has no URI"
                    + Nearest.hint(name, byName.keySet()) + "; set brokers." + name + ".uri");
            return;
        }
        var options = new HashMap<String, Object>(before == null ? Map.of() : before.options());
        options.putAll(settings.options());
        byName.put(name, new BrokerDeclaration(name, uri, options));
    }

    private void add(RouteDeclaration route, String origin) {
        var types = route.types();
        if (!TypeNames.isExact(types) && !TypeNames.isOneSegment(types) && !TypeNames.isDeep(types)) {
            faults.add("route of \"" + types + "\" (" + origin + "): types are a.b.c, a.b.* or a.b.**");
            return;
        }
        if (!route.broker().isEmpty() && !byName.containsKey(route.broker())) {
            faults.add("route of \"" + types + "\" (" + origin + "): broker \"" + route.broker() + "\" is not declared"
                    + Nearest.hint(route.broker(), byName.keySet()));
        }
        if (!route.topic().isEmpty() && !RouteTable.isTopic(route.topic())) {
            faults.add("route of \"" + types + "\" (" + origin + "): topic \"" + route.topic()
                    + "\" must be 1 to 249 letters, digits, dots, - and _");
        }
        routes.add(route);
        lines.add("route " + types + " → " + (route.topic().isEmpty() ? "topic by the rule" : route.topic())
                + (route.broker().isEmpty() ? "" : " on " + route.broker()) + " (" + origin + ")");
    }

    List<BrokerDeclaration> all() {
        return List.copyOf(byName.values());
    }

    /** A single broker is the default one whatever its name. */
    String defaultName() {
        return byName.size() == 1 ? byName.keySet().iterator().next() : DEFAULT;
    }

    /** With several brokers, types without a route need one that is called so. */
    void checkDefault(List<String> typesWithoutRoute) {
        if (!typesWithoutRoute.isEmpty() && byName.size() > 1 && !byName.containsKey(DEFAULT)) {
            faults.add("none of the brokers " + byName.keySet() + " is the default one, and there is no route for "
                    + String.join(", ", typesWithoutRoute) + ": call one \"default\", or add routes");
        }
    }

    RouteTable topics() {
        return new RouteTable(routes, defaultName());
    }

    /** The routes, for the report. */
    List<String> lines() {
        return lines;
    }
}
