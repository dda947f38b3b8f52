package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.internal.wiring.Declarations.StateDeclaration;
import dev.syncline.spi.BrokerAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Writes the start report: what flows where, under which guarantee, and where each setting came from. */
final class Report {

    private final String application;
    private final Brokers brokers;
    private final RouteTable topics;
    private final List<String> handlers = new ArrayList<>();
    private final Set<String> handled = new LinkedHashSet<>();

    Report(String application, Brokers brokers, RouteTable topics) {
        this.application = application;
        this.brokers = brokers;
        this.topics = topics;
    }

    void add(
            Handler handler,
            HandlerPolicy policy,
            boolean isShared,
            @Nullable StateDeclaration parkOn,
            List<Flow> flows,
            List<String> values,
            boolean isEnabled) {
        if (!isEnabled) {
            handlers.add("handler " + handler.id() + " (" + handler.where() + "): disabled by settings");
            return;
        }
        handlers.add("handler " + handler.id() + " (" + handler.where() + "): group " + application + "." + handler.id()
                + ", " + policy.concurrency() + (policy.concurrency() == 1 ? " lane" : " lanes")
                + ", at-least-once, ordered per key");
        handlers.add(
                isShared
                        ? "  state shared: several instances may run, each partition's state follows it"
                        : "  state embedded: one instance, or pinned partitions; another one's partitions are not read");
        handlers.add("  parked events: " + parked(isShared, parkOn));
        for (var flow : flows) {
            handled.add(flow.type());
            for (var place : topics.placesOf(flow.type())) {
                handlers.add("  " + flow.type()
                        + (flow.payload() == null
                                ? ""
                                : " v" + flow.payload().version() + " "
                                        + Names.of(flow.payload().type()))
                        + (flow.path().equals("as it is") ? "" : " → " + flow.path())
                        + " → " + flow.method().name() + ", topic " + place.topic() + " on " + place.broker());
            }
        }
        var said = handler.declared();
        if (said != null) {
            if (!said.target().isEmpty()) {
                handlers.add("  target = " + said.target() + ": events of that origin are dropped");
            }
            if (policy.idempotent()) {
                handlers.add("  idempotent: a batch that fails is halved until what fails stands alone");
            }
            if (policy.ignoresDeletes()) {
                handlers.add("  deletes = IGNORE");
            }
        }
        values.forEach(value -> handlers.add("  " + value));
    }

    private static String parked(boolean isShared, @Nullable StateDeclaration parkOn) {
        if (isShared) {
            return "with the shared state";
        }
        return parkOn == null ? "in the data directory, on one disk" : "on " + place(parkOn);
    }

    /** Without user, password and options. */
    private static String place(StateDeclaration declared) {
        try {
            return BrokerAddress.parse(declared.uri()).toString();
        } catch (ConfigurationException told) {
            return "an address that is not one"; // who opens it says what is wrong
        }
    }

    /** The types, handled or known, that the rule sends to the broker. */
    List<String> typesOn(String broker, Collection<String> known) {
        var types = new TreeSet<>(known);
        types.addAll(handled);
        types.removeIf(type ->
                topics.placesOf(type).stream().noneMatch(place -> place.broker().equals(broker)));
        return List.copyOf(types);
    }

    List<String> lines(Catalogue catalogue, List<String> contracts, List<String> runtime) {
        var lines = new ArrayList<String>();
        lines.add("application " + application + ": brokers "
                + String.join(
                        ", ",
                        brokers.all().stream().map(broker -> broker.name()).toList()));
        lines.addAll(handlers);
        lines.addAll(brokers.lines());
        lines.addAll(splits(catalogue));
        contracts.forEach(contract -> lines.add("contract of " + contract + ": JSON Schema"));
        lines.addAll(runtime);
        return lines;
    }

    private List<String> splits(Catalogue catalogue) {
        var types = new TreeSet<>(catalogue.names());
        types.addAll(handled);
        var entities = new TreeSet<String>();
        types.forEach(type -> entities.add(TypeNames.entityOf(type)));
        var warnings = new ArrayList<String>();
        for (var entity : entities) {
            var places = new LinkedHashSet<Topics.Place>();
            types.stream()
                    .filter(type -> TypeNames.entityOf(type).equals(entity))
                    .forEach(type -> places.addAll(topics.placesOf(type)));
            if (places.size() > 1) {
                var names = places.stream()
                        .map(place -> place.topic() + " on " + place.broker())
                        .toList();
                warnings.add("WARNING: routes split the types of " + entity + " over " + String.join(" and ", names)
                        + ": between them no order is kept; route " + entity + ".* as one");
            }
        }
        return warnings;
    }
}
