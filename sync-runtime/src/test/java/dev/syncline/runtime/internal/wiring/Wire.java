package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Delivery;
import dev.syncline.api.Event;
import dev.syncline.api.EventHandler;
import dev.syncline.runtime.internal.codec.JacksonCodec;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.publish.AttemptPublisher;
import dev.syncline.runtime.internal.wiring.Declarations.BrokerDeclaration;
import dev.syncline.runtime.internal.wiring.Declarations.LambdaHandler;
import dev.syncline.runtime.internal.wiring.Declarations.RouteDeclaration;
import dev.syncline.runtime.internal.wiring.Declarations.StateDeclaration;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.PayloadCodec;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;

/** Declarations as a test needs them, wired; and the way of an event through the handling that came out. */
public final class Wire {

    private static final EnvelopeReader READER =
            new EnvelopeReader(InstantSource.fixed(Instant.ofEpochSecond(1)), 1 << 20);
    private static final JacksonCodec JSON = new JacksonCodec(1 << 20);

    private final List<BrokerDeclaration> brokers = new ArrayList<>();
    private final List<RouteDeclaration> routes = new ArrayList<>();
    private final List<Object> handlers = new ArrayList<>();
    private final List<LambdaHandler> lambdas = new ArrayList<>();
    private final List<Object> mappers = new ArrayList<>();
    private final List<Class<?>> payloads = new ArrayList<>();
    private final Map<String, String> settings = new HashMap<>();
    private final Set<String> transactions = new HashSet<>();
    private StateDeclaration state;
    private StateDeclaration parkOn;
    private String name = "app";
    private boolean hasBroker;
    private PayloadCodec codec;
    private Function<Class<?>, Object> instances = type -> {
        throw new IllegalStateException("no injector");
    };

    /** What attempts published, and whether it was committed. */
    public final List<Recorded> published = new CopyOnWriteArrayList<>();

    /** Thrown by the next commits; null if they succeed. */
    public RuntimeException commitFailure;

    private Wired wired;

    /** Begins with a broker. */
    public static Wire app() {
        return new Wire();
    }

    public Wire name(String applicationName) {
        name = applicationName;
        return this;
    }

    public Wire broker(String brokerName) {
        hasBroker = true;
        brokers.add(new BrokerDeclaration(brokerName, "memory://" + brokerName, Map.of()));
        return this;
    }

    public Wire noBroker() {
        hasBroker = true;
        return this;
    }

    public Wire route(String types, String broker, String topic) {
        routes.add(new RouteDeclaration(types, broker, topic));
        return this;
    }

    public Wire handlers(Object... given) {
        handlers.addAll(Arrays.asList(given));
        return this;
    }

    public Wire mappers(Object... given) {
        mappers.addAll(Arrays.asList(given));
        return this;
    }

    public Wire payloads(Class<?>... given) {
        payloads.addAll(Arrays.asList(given));
        return this;
    }

    public <T> Wire lambda(String id, Class<T> payload, EventHandler<T> handler) {
        lambdas.add(new LambdaHandler(id, "", payload, handler));
        return this;
    }

    public Wire lambda(String id, String types, EventHandler<Map<String, Object>> handler) {
        lambdas.add(new LambdaHandler(id, types, Map.class, handler));
        return this;
    }

    public Wire set(String key, String value) {
        settings.put(key, value);
        return this;
    }

    public Wire parkOn(String uri) {
        parkOn = new StateDeclaration(uri, Map.of());
        return this;
    }

    public Wire state(String uri) {
        state = new StateDeclaration(uri, Map.of());
        return this;
    }

    public Wire transactions(String store) {
        transactions.add(store);
        return this;
    }

    public Wire codec(PayloadCodec other) {
        codec = other;
        return this;
    }

    public Wire instances(Function<Class<?>, Object> injector) {
        instances = injector;
        return this;
    }

    /** Wires, once. */
    public Wired wired() {
        if (wired == null) {
            if (!hasBroker) {
                broker("default");
            }
            wired = Wiring.resolve(
                    new Declarations(
                            name,
                            brokers,
                            routes,
                            handlers,
                            lambdas,
                            mappers,
                            payloads,
                            settings,
                            codec,
                            instances,
                            transactions,
                            state,
                            parkOn),
                    (handler, causes) -> {
                        var recorded = new Recorded(handler, causes, commitFailure);
                        published.add(recorded);
                        return recorded;
                    },
                    InstantSource.system());
        }
        return wired;
    }

    /** The faults of the wiring. */
    public List<String> faults() {
        try {
            wired();
        } catch (ConfigurationException faults) {
            return faults.problems();
        }
        return List.of();
    }

    public Handling handling(String id) {
        return plan(id).handling();
    }

    public HandlerPlan plan(String id) {
        return wired().plans().stream()
                .filter(plan -> plan.id().equals(id))
                .findAny()
                .orElseThrow();
    }

    /** Hands one event to the only handler. */
    public Verdict handle(Envelope envelope) {
        return handle(wired().plans().get(0).id(), envelope).get(0);
    }

    /** Hands events to a handler in one attempt, all on the route of the first. */
    public List<Verdict> handle(String id, Envelope... envelopes) {
        var handling = handling(id);
        int route = handling.route(envelopes[0]);
        if (route == Handling.UNHANDLED) {
            return List.of(new Verdict.Skipped("unhandled.type", ""));
        }
        var ended = new ArrayList<List<Verdict>>();
        var delivery = new Delivery(id, 1, false, envelopes[0].mode(), Instant.EPOCH);
        handling.attempt(new Attempt(
                route, List.of(envelopes), delivery, (attempt, verdicts) -> ended.add(List.copyOf(verdicts))));
        if (ended.size() != 1) {
            throw new IllegalStateException("not ended, or not once: " + ended);
        }
        return ended.get(0);
    }

    /** An event of a type as JSON. */
    public static Envelope event(String type, int version, String json) {
        return envelope(attributes(type, version), json == null ? null : Bytes.utf8(json));
    }

    /** A published event as it arrives. */
    public static Envelope event(Object payload) {
        Event<?> event = payload instanceof Event<?> given ? given : Event.of(payload);
        var attributes = attributes(event.type(), event.dataVersion());
        attributes.putAll(event.attributes());
        return envelope(attributes, event.hasPayload() ? JSON.encode(event.payload()) : null);
    }

    public static Map<String, String> attributes(String type, int version) {
        var attributes = new HashMap<String, String>();
        attributes.put("specversion", "1.0");
        attributes.put("id", "e-1");
        attributes.put("source", "crm");
        attributes.put("type", type);
        attributes.put("dataversion", Integer.toString(version));
        attributes.put("partitionkey", "k-1");
        attributes.put("datacontenttype", "application/json");
        return attributes;
    }

    public static Envelope envelope(Map<String, String> attributes, Bytes data) {
        return READER.read(received(attributes, data));
    }

    public static Received received(Map<String, String> attributes, Bytes data) {
        var topic = Names.entity(attributes.getOrDefault("type", "a.b.c"));
        return new Received(
                new TopicPartition(topic, 0),
                Position.of(7),
                new Message(topic, attributes.getOrDefault("partitionkey", ""), attributes, Map.of(), data),
                Instant.EPOCH,
                null);
    }

    /** A codec that decodes nothing. */
    public record BrokenCodec(RuntimeException failure) implements PayloadCodec {
        @Override
        public String contentType() {
            return "application/json";
        }

        @Override
        public boolean decodes(String mediaType) {
            return true;
        }

        @Override
        public Bytes encode(Object payload) {
            throw failure;
        }

        @Override
        public Object decode(Bytes data, Type type) {
            throw failure;
        }
    }

    /** Remembers what an attempt did with its publisher. */
    public static final class Recorded implements AttemptPublisher {
        public final String handler;
        public final List<Event<?>> causes;
        public final List<Event<?>> events = new CopyOnWriteArrayList<>();
        public final List<byte[]> marks = new CopyOnWriteArrayList<>();
        public String end = "open";
        public int entered;
        private final RuntimeException commitFailure;

        Recorded(String handler, List<Event<?>> causes, RuntimeException commitFailure) {
            this.handler = handler;
            this.causes = List.copyOf(causes);
            this.commitFailure = commitFailure;
        }

        @Override
        public void commit(Supplier<List<byte[]>> ofApplied) {
            if (!events.isEmpty()) {
                marks.addAll(ofApplied.get());
            }
            if (commitFailure != null) {
                throw commitFailure;
            }
            end = "committed";
        }

        @Override
        public void discard() {
            end = "discarded";
        }

        @Override
        public Scope enter() {
            entered++;
            return () -> entered--;
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T> Event<T> publish(T payload) {
            return payload instanceof Event<?> event
                    ? (Event<T>) publish((Event<?>) event)
                    : publish(Event.of(payload));
        }

        @Override
        public <T> Event<T> publish(Event<T> event) {
            events.add(Objects.requireNonNull(event));
            return event;
        }

        @Override
        public List<Event<?>> publishAll(Collection<?> all) {
            all.forEach(this::publish);
            return List.of();
        }
    }
}
