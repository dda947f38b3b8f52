package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.EventHandler;
import dev.syncline.spi.PayloadCodec;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the application said to the builder or the module, unchecked.
 *
 * @param name of the application
 * @param brokers in the order given
 * @param routes in the order given; the first that fits wins
 * @param handlers instances, or classes that {@code instances} makes
 * @param lambdas handlers without a class
 * @param mappers instances, or classes
 * @param payloads payload classes that no handler or mapper names
 * @param settings flat keys, later sources already merged in; unresolved
 * @param codec of payloads; null for JSON within the limits of the settings
 * @param instances makes an instance of a handler or mapper class
 * @param transactions names of transactional stores given to the builder
 * @param state the store of shared state; null if none was given to the builder
 * @param parkOn where parked events are kept, if not in the data directory; null if the builder was told nothing
 */
public record Declarations(
        String name,
        List<BrokerDeclaration> brokers,
        List<RouteDeclaration> routes,
        List<Object> handlers,
        List<LambdaHandler> lambdas,
        List<Object> mappers,
        List<Class<?>> payloads,
        Map<String, String> settings,
        @Nullable PayloadCodec codec,
        Function<Class<?>, Object> instances,
        Set<String> transactions,
        @Nullable StateDeclaration state,
        @Nullable StateDeclaration parkOn) {

    public Declarations {
        brokers = List.copyOf(brokers);
        routes = List.copyOf(routes);
        handlers = List.copyOf(handlers);
        lambdas = List.copyOf(lambdas);
        mappers = List.copyOf(mappers);
        payloads = List.copyOf(payloads);
        settings = Map.copyOf(settings);
        transactions = Set.copyOf(transactions);
    }

    /** A broker, by name; options are {@code String} or {@link dev.syncline.api.Secret}. */
    public record BrokerDeclaration(String name, String uri, Map<String, Object> options) {
        public BrokerDeclaration {
            options = Map.copyOf(options);
        }

        /** Without URI and options, which may hold secrets. */
        @Override
        public String toString() {
            return "broker " + name;
        }
    }

    /** The store of shared state, or of parked events; options are {@code String} or {@link dev.syncline.api.Secret}. */
    public record StateDeclaration(String uri, Map<String, Object> options) {
        public StateDeclaration {
            options = Map.copyOf(options);
        }

        /** Without URI and options, which may hold secrets. */
        @Override
        public String toString() {
            return "store";
        }
    }

    /** Types ({@code a.b.c}, {@code a.b.*} or {@code a.b.**}) that go to a topic of a broker. */
    public record RouteDeclaration(String types, String broker, String topic) {}

    /** A handler given as a lambda, for the payload type or, by name, for maps. */
    public record LambdaHandler(String id, String types, Type payload, EventHandler<?> handler) {}
}
