package dev.syncline.api;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A fact that has happened, with its envelope: a CloudEvent 1.0.2 whose extensions carry key, versions and causes.
 * Immutable; the {@code with…} methods return changed copies.
 *
 * <p>A new event lacks what publishing adds: id, source and time are empty until then, unless set here. Identity is
 * (source, id).
 *
 * <p>All accessors are total except {@link #payload()}, so that handlers can be tested with events made here.
 *
 * @param <T> the payload
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md">CloudEvents 1.0.2</a>
 */
public final class Event<T> {

    private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,64}");
    private static final Set<String> SET_BY_METHOD = Set.of(
            "id",
            "source",
            "type",
            "specversion",
            "time",
            "datacontenttype",
            "data",
            "dataversion",
            "partitionkey",
            "entityversion",
            "origin",
            "correlationid",
            "causationid",
            "causationdepth",
            "outboxseq",
            "mode",
            "runid");

    private final Map<String, String> attributes;
    private final @Nullable T payload;
    private final boolean delete;

    private Event(Map<String, String> attributes, @Nullable T payload, boolean delete) {
        this.attributes = Map.copyOf(attributes);
        this.payload = payload;
        this.delete = delete;
    }

    /**
     * An event whose type, version, key and entity version the payload's class says.
     *
     * @throws ContractException if the class has no {@link EventType}, or its key or entity version is unusable
     */
    public static <T> Event<T> of(T payload) {
        Objects.requireNonNull(payload, "payload");
        var model = PayloadModel.of(payload.getClass());
        if (model.type() == null) {
            throw new ContractException(
                    "no.event.type",
                    payload.getClass().getName()
                            + " has no @EventType; add it, or name the type with Event.of(type, payload)");
        }
        return new Event<>(model.attributes(model.type(), payload), payload, model.isDelete());
    }

    /**
     * An event of a named type, for payloads that are not ours to annotate, maps among them. Key and entity version
     * are taken from the payload's class where it says them.
     *
     * @throws ContractException if the key or entity version is unusable
     */
    public static <T> Event<T> of(String type, T payload) {
        Objects.requireNonNull(payload, "payload");
        var model = PayloadModel.of(payload.getClass());
        return new Event<>(model.attributes(requireType(type), payload), payload, model.isDelete());
    }

    /** The entity is gone; no data. */
    public static Event<?> delete(String type, String key) {
        return new Event<Object>(Map.of("type", requireType(type), "partitionkey", requireKey(key)), null, true);
    }

    /**
     * An event as it arrives: the attributes under their CloudEvents names, and what the data was decoded to.
     *
     * @param payload null for an event without data, which is a delete
     */
    public static <T> Event<T> fromAttributes(Map<String, String> attributes, @Nullable T payload) {
        boolean delete = payload == null || PayloadModel.of(payload.getClass()).isDelete();
        return new Event<>(attributes, payload, delete);
    }

    /** Unique within its source; empty until published. */
    public String id() {
        return attribute("id");
    }

    /** Who published it: a URI reference, by default the application's name; empty until published. */
    public String source() {
        return attribute("source");
    }

    /** Name of the type, without version. */
    public String type() {
        return attribute("type");
    }

    /** Version of the payload, 1 or more; 1 if the event does not say. */
    public int dataVersion() {
        var text = attributes.get("dataversion");
        if (text == null) {
            return 1;
        }
        try {
            return Math.max(1, Integer.parseInt(text));
        } catch (NumberFormatException malformed) {
            return 1;
        }
    }

    /** The entity that it is about; empty if the event has none, then no order is kept. */
    public String key() {
        var key = attributes.get("partitionkey");
        return key != null ? key : attribute("subject");
    }

    /** The origin's revision of the entity, not negative. */
    public OptionalLong version() {
        var text = attributes.get("entityversion");
        if (text == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException malformed) {
            return OptionalLong.empty();
        }
    }

    /** The system in which the change was first made; the source if the event does not say. */
    public String origin() {
        var origin = attributes.get("origin");
        return origin != null ? origin : source();
    }

    /** When it happened; the epoch until published, unless set, and where the sender's text is unreadable. */
    public Instant time() {
        var text = attributes.get("time");
        if (text == null) {
            return Instant.EPOCH;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException malformed) {
            return Instant.EPOCH;
        }
    }

    /** What belongs together over many hops; the id if the event does not say. */
    public String correlationId() {
        var id = attributes.get("correlationid");
        return id != null ? id : id();
    }

    /** Id of the event that caused this one. */
    public Optional<String> causationId() {
        return Optional.ofNullable(attributes.get("causationid"));
    }

    /** How many events in a row led to this one, each the cause of the next; 0 if nothing says that it has a cause. */
    public int causationDepth() {
        var text = attributes.get("causationdepth");
        if (text == null) {
            return 0;
        }
        try {
            return (int) Math.min(Integer.MAX_VALUE, Math.max(0, Long.parseLong(text)));
        } catch (NumberFormatException malformed) {
            return 0; // another system may mean something else by that name
        }
    }

    /** All attributes under their CloudEvents names, those that we do not know among them; unmodifiable. */
    public Map<String, String> attributes() {
        return attributes;
    }

    /** Whether the entity is gone: no data, or a payload of kind {@link EventType.Kind#DELETE}. */
    public boolean isDelete() {
        return delete;
    }

    /** Whether there is a payload; false only for deletes without data. */
    public boolean hasPayload() {
        return payload != null;
    }

    /**
     * The payload.
     *
     * @throws IllegalStateException on a delete without data; ask {@link #isDelete()} first
     */
    public T payload() {
        if (payload == null) {
            throw new IllegalStateException("delete of " + type() + " key " + key()
                    + " carries no data: ask isDelete() first, or take it in a method of its own as Event<?>");
        }
        return payload;
    }

    /** As this, with an id of the application's choice, unique within the source. */
    public Event<T> withId(String id) {
        return with("id", requireText("id", id));
    }

    /** As this, about another entity. */
    public Event<T> withKey(String key) {
        return with("partitionkey", requireKey(key));
    }

    /** As this, with the origin's revision of the entity; not negative. */
    public Event<T> withVersion(long version) {
        return with("entityversion", PayloadModel.entityVersion(version));
    }

    /** As this, with a revision counted in microseconds since 1970. */
    public Event<T> withVersion(Instant version) {
        return with("entityversion", PayloadModel.entityVersion(version));
    }

    /** As this, saying in which system the change was first made. */
    public Event<T> withOrigin(String origin) {
        return with("origin", requireText("origin", origin));
    }

    /** As this, belonging to that chain of events. */
    public Event<T> withCorrelationId(String id) {
        return with("correlationid", requireText("correlationid", id));
    }

    /** As this, having happened then. */
    public Event<T> withTime(Instant time) {
        return with("time", time.toString());
    }

    /**
     * As this, with a further attribute.
     *
     * @param name lower-case letters and digits; not one that has a method of its own
     */
    public Event<T> withAttribute(String name, String value) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("attribute name \"" + name
                    + "\" must be 1 to 64 lower-case letters and digits (CloudEvents 1.0.2)");
        }
        if (SET_BY_METHOD.contains(name)) {
            throw new IllegalArgumentException(
                    "attribute \"" + name + "\" is set by a method of its own or by Syncline");
        }
        return with(name, requireText(name, value));
    }

    /** As this, caused by that event: takes its correlation, its id as causation, and a depth of one more than its. */
    public Event<T> causedBy(Event<?> cause) {
        var copy = new HashMap<>(attributes);
        copy.put("correlationid", requireText("correlationid of the cause", cause.correlationId()));
        copy.put("causationid", requireText("id of the cause", cause.id()));
        copy.put("causationdepth", Long.toString(cause.causationDepth() + 1L));
        return new Event<>(copy, payload, delete);
    }

    /**
     * As this, under exactly these attributes, by their CloudEvents names: for what completes or carries events, not
     * for applications.
     */
    public Event<T> withAttributes(Map<String, String> attributes) {
        return new Event<>(attributes, payload, delete);
    }

    /** As this, with another payload under the same envelope. */
    public <R> Event<R> withPayload(R payload) {
        return new Event<>(attributes, Objects.requireNonNull(payload, "payload"), delete);
    }

    /** Equal if attributes and payload are. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Event<?> that
                && delete == that.delete
                && attributes.equals(that.attributes)
                && Objects.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
        return attributes.hashCode() * 31 + Objects.hashCode(payload);
    }

    /** Type, key and id; no payload, so that it may be logged. */
    @Override
    public String toString() {
        return "Event[" + type() + " v" + dataVersion() + " key=" + key() + " id=" + id() + (delete ? " delete" : "")
                + "]";
    }

    private Event<T> with(String name, String value) {
        var copy = new HashMap<>(attributes);
        copy.put(name, value);
        return new Event<>(copy, payload, delete);
    }

    private String attribute(String name) {
        return attributes.getOrDefault(name, "");
    }

    private static String requireType(String type) {
        return requireText("type", type);
    }

    private static String requireKey(String key) {
        return requireText("key", key);
    }

    private static String requireText(String what, String text) {
        if (Objects.requireNonNull(text, what).isEmpty()) {
            throw new IllegalArgumentException(what + " must not be empty");
        }
        return text;
    }
}
