package dev.syncline.runtime.internal.envelope;

import dev.syncline.api.Delivery;
import dev.syncline.runtime.internal.envelope.Envelope.Problem;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.spi.Message;
import dev.syncline.spi.Received;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes an {@link Envelope} of what an adapter handed over: the rules of CloudEvents 1.0.2, of which no adapter knows
 * anything, and a structured document taken apart. It never fails: what breaks a rule gets an envelope with a problem,
 * which handling turns into a verdict.
 *
 * <p>Strict where two readers could understand a message differently, or where order, identity or dedupe hang on the
 * attribute. {@code time} decides nothing here, so an unreadable one passes.
 *
 * <p>Threading: any. Holds no state.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md">CloudEvents 1.0.2</a>
 */
public final class EnvelopeReader {

    /** Longest key that is taken, in characters. */
    public static final int MAX_KEY_LENGTH = 4096;

    private static final String STRUCTURED = "application/cloudevents";

    private final InstantSource clock;
    private final StructuredDocument documents;
    private final int maxPayloadBytes;

    /**
     * Makes a reader.
     *
     * @param clock of {@link Envelope#firstSeen()}
     * @param maxPayloadBytes largest data that is taken
     */
    public EnvelopeReader(InstantSource clock, int maxPayloadBytes) {
        this.clock = clock;
        this.maxPayloadBytes = maxPayloadBytes;
        this.documents = new StructuredDocument(maxPayloadBytes);
    }

    /** The envelope; beside a problem its attributes are those that could be read. */
    public Envelope read(Received received) {
        var message = received.message();
        var defect = received.defect();
        if (defect != null) {
            return envelope(received, message, new Problem(defect.code(), defect.detail()));
        }
        try {
            if (isStructured(message)) {
                message = documents.takeApart(message);
            }
            message = withKeyAsAttribute(message);
            check(message);
            return envelope(received, message, null);
        } catch (EnvelopeFault fault) {
            return envelope(received, message, fault.problem());
        }
    }

    private Envelope envelope(Received received, Message message, @Nullable Problem problem) {
        var id = message.attribute("id");
        // without key and id nothing ties deliveries together: the place in the partition spreads them
        int shard = message.key().isEmpty() && id.isEmpty()
                ? Shards.ofKeyless(
                        received.partition().toString(), received.position().toString())
                : Shards.of(message);
        return new Envelope(
                received,
                message,
                id,
                message.attribute("source"),
                message.attribute("type"),
                problem == null ? dataVersion(message) : 1,
                message.key(),
                shard,
                mode(message.attribute("mode")),
                clock.instant(),
                problem);
    }

    private static boolean isStructured(Message message) {
        return message.attribute("datacontenttype")
                .stripLeading()
                .toLowerCase(Locale.ROOT)
                .startsWith(STRUCTURED);
    }

    /** A foreign producer may give the key as the record's key only; handlers ask the event for it. */
    private static Message withKeyAsAttribute(Message message) {
        var key = message.key();
        if (key.isEmpty()
                || message.attributes().containsKey("partitionkey")
                || key.equals(message.attribute("subject"))) {
            return message;
        }
        var attributes = new HashMap<>(message.attributes());
        attributes.put("partitionkey", key);
        return new Message(message.topic(), key, attributes, message.headers(), message.data());
    }

    private void check(Message message) throws EnvelopeFault {
        var attributes = message.attributes();
        if (!attributes.containsKey("specversion")
                && !attributes.containsKey("id")
                && !attributes.containsKey("source")
                && !attributes.containsKey("type")) {
            throw message.data() == null
                    ? new EnvelopeFault("foreign.tombstone", "no data and no CloudEvents attributes")
                    : new EnvelopeFault(
                            "not.a.cloudevent",
                            "none of the attributes id, source, type, specversion is there; its producer must write the"
                                    + " CloudEvents binding of this broker");
        }
        var specVersion = message.attribute("specversion");
        if (!specVersion.equals("1.0")) {
            throw new EnvelopeFault(
                    "unsupported.specversion",
                    specVersion.isEmpty() ? "specversion is missing" : "specversion " + LogText.of(specVersion));
        }
        require(message, "id");
        require(message, "source");
        require(message, "type");
        requireFilled(message, "subject");
        requireFilled(message, "partitionkey");
        for (var attribute : attributes.entrySet()) {
            if (!AttributeText.isLegal(attribute.getValue())) {
                throw new EnvelopeFault(
                        "invalid.attribute",
                        "attribute \"" + LogText.of(attribute.getKey())
                                + "\" has a control character, a lone surrogate or a non-character");
            }
        }
        if (!AttributeText.isUriReference(message.attribute("source"))) {
            throw new EnvelopeFault("invalid.source", "source is not a URI reference (RFC 3986)");
        }
        requireNumber(message, "dataversion", 1, Integer.MAX_VALUE);
        requireNumber(message, "entityversion", 0, Long.MAX_VALUE);
        if (message.key().length() > MAX_KEY_LENGTH) {
            throw new EnvelopeFault(
                    "key.too.long", "key of " + message.key().length() + " characters; at most " + MAX_KEY_LENGTH);
        }
        var data = message.data();
        if (data != null && data.length() > maxPayloadBytes) {
            throw new EnvelopeFault(
                    "payload.too.large",
                    "data of " + data.length() + " bytes; at most " + maxPayloadBytes + " (setting payload.max-bytes)");
        }
    }

    private static void require(Message message, String name) throws EnvelopeFault {
        if (!message.attributes().containsKey(name)) {
            throw new EnvelopeFault("missing." + name, "attribute \"" + name + "\" is missing");
        }
        requireFilled(message, name);
    }

    private static void requireFilled(Message message, String name) throws EnvelopeFault {
        var value = message.attributes().get(name);
        if (value != null && value.isEmpty()) {
            throw new EnvelopeFault("empty.attribute", "attribute \"" + name + "\" is empty");
        }
    }

    private static void requireNumber(Message message, String name, long least, long most) throws EnvelopeFault {
        var text = message.attributes().get(name);
        if (text == null) {
            return;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most && Character.isDigit(text.charAt(0))) {
                return;
            }
        } catch (NumberFormatException garbage) {
            // told below
        }
        throw new EnvelopeFault(
                "invalid." + name,
                "attribute \"" + name + "\" is not a number from " + least + " to " + most + ": " + LogText.of(text));
    }

    private static int dataVersion(Message message) {
        var text = message.attributes().get("dataversion");
        return text == null ? 1 : Integer.parseInt(text);
    }

    /** The mode is ours only with our two words; another system may mean something else by such an attribute. */
    private static Delivery.Mode mode(String text) {
        return switch (text) {
            case "backfill" -> Delivery.Mode.BACKFILL;
            case "replay" -> Delivery.Mode.REPLAY;
            default -> Delivery.Mode.LIVE;
        };
    }
}
