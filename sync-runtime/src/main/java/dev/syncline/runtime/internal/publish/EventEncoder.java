package dev.syncline.runtime.internal.publish;

import dev.syncline.api.ContractException;
import dev.syncline.api.Event;
import dev.syncline.runtime.internal.envelope.AttributeText;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.outbox.Outgoing;
import dev.syncline.runtime.internal.wiring.Contracts;
import dev.syncline.runtime.internal.wiring.Topics;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import dev.syncline.spi.PayloadCodec;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Completes events, checks that every broker can carry them, and encodes them. Thread-safe; holds no state but the
 * source of ids.
 */
public final class EventEncoder {

    private static final int MAX_KEY_BYTES = 1024;
    private static final int MAX_ATTRIBUTES = 64;
    private static final int MAX_ATTRIBUTE_BYTES = 32 * 1024;

    /** Longer chains of causes are loops (decision 0022). */
    private static final int MAX_CAUSATION_DEPTH = 64;

    private final String source;
    private final PayloadCodec codec;
    private final Contracts contracts;
    private final Topics topics;
    private final InstantSource clock;
    private final Supplier<String> ids;
    private final int maxPayloadBytes;

    /**
     * Makes an encoder.
     *
     * @param source CloudEvents {@code source} of events that name none
     * @param ids unique ids for events that bring none
     */
    public EventEncoder(
            String source,
            PayloadCodec codec,
            Contracts contracts,
            Topics topics,
            InstantSource clock,
            Supplier<String> ids,
            int maxPayloadBytes) {
        this.source = source;
        this.codec = codec;
        this.contracts = contracts;
        this.topics = topics;
        this.clock = clock;
        this.ids = ids;
        this.maxPayloadBytes = maxPayloadBytes;
    }

    /** The event with id, source and time. */
    <T> Event<T> complete(Event<T> event) {
        return complete(event, event.id().isEmpty() ? ids.get() : event.id());
    }

    /** The event with that id, source and time. */
    <T> Event<T> complete(Event<T> event, String id) {
        var attributes = new HashMap<>(event.attributes());
        attributes.put("specversion", "1.0");
        attributes.put("id", id);
        attributes.putIfAbsent("source", source);
        if (!attributes.containsKey("time")) {
            attributes.put("time", clock.instant().toString());
        }
        attributes.remove("outboxseq"); // of the outbox that it came from, if it is published again
        return event.withAttributes(attributes);
    }

    /**
     * A complete event, checked and encoded.
     *
     * @throws ContractException if no broker could carry it, or it breaks its contract
     */
    Outgoing encode(Event<?> event) {
        checkAttributes(event);
        var attributes = new HashMap<>(event.attributes());
        var data = data(event, attributes);
        var place = topics.of(event.type());
        return new Outgoing(place.broker(), new Message(place.topic(), event.key(), attributes, Map.of(), data));
    }

    private @Nullable Bytes data(Event<?> event, Map<String, String> attributes) {
        if (!event.hasPayload()) {
            attributes.remove("datacontenttype");
            return null;
        }
        var data = codec.encode(event.payload());
        if (data.length() > maxPayloadBytes) {
            throw refuse(
                    "payload.too.large",
                    event,
                    "its payload has " + data.length() + " bytes, the limit is " + maxPayloadBytes
                            + "; publish a reference to it instead (CloudEvents dataref, the claim check), or raise"
                            + " payload.max-bytes",
                    null);
        }
        attributes.put("datacontenttype", codec.contentType());
        contracts.check(event.type(), event.dataVersion(), codec.contentType(), data);
        return data;
    }

    private static void checkAttributes(Event<?> event) {
        var attributes = event.attributes();
        if (attributes.size() > MAX_ATTRIBUTES) {
            throw refuse("too.many.attributes", event, "it has more than " + MAX_ATTRIBUTES + " attributes", null);
        }
        int bytes = 0;
        for (var attribute : attributes.entrySet()) {
            bytes += attribute.getKey().length() + attribute.getValue().length();
            checkText(event, attribute.getKey(), attribute.getValue());
        }
        if (bytes > MAX_ATTRIBUTE_BYTES) {
            throw refuse(
                    "attributes.too.large",
                    event,
                    "its attributes exceed " + MAX_ATTRIBUTE_BYTES + " characters",
                    null);
        }
        if (event.causationDepth() > MAX_CAUSATION_DEPTH) {
            throw refuse(
                    "causation.too.deep",
                    event,
                    "more than " + MAX_CAUSATION_DEPTH + " events in a row led to it, each the cause of the next:"
                            + " handlers feed each other, or themselves, in a circle",
                    null);
        }
        if (event.type().isEmpty()) {
            throw refuse("no.event.type", event, "it has no type", null);
        }
        if (event.key().getBytes(StandardCharsets.UTF_8).length > MAX_KEY_BYTES) {
            throw refuse("key.too.large", event, "its key exceeds " + MAX_KEY_BYTES + " bytes", null);
        }
        if (!AttributeText.isUriReference(event.source())) {
            throw refuse("source.malformed", event, "its source is not a URI reference (RFC 3986)", null);
        }
    }

    /** What CloudEvents 1.0.2 allows in a String: no control characters, non-characters or lone surrogates. */
    private static void checkText(Event<?> event, String name, String value) {
        if (!Message.isAttributeName(name)) {
            throw refuse(
                    "attribute.illegal",
                    event,
                    "attribute \"" + LogText.of(name) + "\" is not named by lower-case letters and digits",
                    null);
        }
        if (value.isEmpty()) {
            throw refuse("attribute.empty", event, "attribute \"" + name + "\" is empty", null);
        }
        if (!AttributeText.isLegal(value)) {
            throw refuse(
                    "attribute.illegal",
                    event,
                    "attribute \"" + name + "\" has a character that CloudEvents forbids",
                    null);
        }
    }

    private static ContractException refuse(String code, Event<?> event, String why, @Nullable Throwable cause) {
        return new ContractException(
                code,
                "cannot publish " + LogText.of(event.type()) + " key " + LogText.of(event.key()) + ": " + why
                        + "; nothing was stored",
                cause);
    }
}
