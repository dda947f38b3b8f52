package dev.syncline.runtime.internal.envelope;

import dev.syncline.runtime.internal.codec.MediaType;
import dev.syncline.runtime.internal.codec.StrictJson;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Takes an event in the JSON format ({@code application/cloudevents+json}) apart into attributes and data. Inline data
 * stays the bytes that it was in the document: no number, escape or order of members is written anew.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md">JSON event format</a>
 */
final class StructuredDocument {

    private static final int MAX_ATTRIBUTES = 64;
    private static final int ENVELOPE_BYTES = 64 * 1024;

    private final JsonFactory json;

    StructuredDocument(int maxPayloadBytes) {
        long encoded = maxPayloadBytes / 3L * 4 + 4; // the data may be there as base64
        this.json = StrictJson.factory(
                (int) Math.min(Integer.MAX_VALUE, encoded + ENVELOPE_BYTES), StrictJson.MAX_DEPTH + 1);
    }

    Message takeApart(Message message) throws EnvelopeFault {
        var format = MediaType.of(message.attribute("datacontenttype"));
        if (!format.essence().equals("application/cloudevents+json")) {
            throw new EnvelopeFault(
                    "unsupported.format",
                    "events as " + LogText.of(format.essence())
                            + " are not read; its producer must write application/cloudevents+json or binary mode");
        }
        if (!format.isUtf8()) {
            throw new EnvelopeFault("unsupported.charset", "JSON in " + LogText.of(format.charset()));
        }
        if (message.data() == null) {
            throw new EnvelopeFault("malformed.envelope", "a structured event without a document");
        }
        var text = StrictJson.withoutMark(message.data());
        if (!StrictJson.isUtf8(text)) {
            throw new EnvelopeFault("invalid.utf8", "the document is not valid UTF-8");
        }
        var parts = new Parts();
        try (var parser = json.createParser(ObjectReadContext.empty(), text.array(), text.offset(), text.length())) {
            read(parser, text, parts);
        } catch (StreamConstraintsException limit) {
            throw new EnvelopeFault("envelope.limit", limit.getOriginalMessage());
        } catch (JacksonException malformed) {
            var where = malformed.getLocation();
            throw new EnvelopeFault(
                    "malformed.envelope",
                    "the document is not JSON" + (where == null ? "" : ", from byte " + where.getByteOffset()));
        }
        return assemble(message, parts);
    }

    private static void read(JsonParser parser, Bytes text, Parts parts) throws EnvelopeFault {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new EnvelopeFault("malformed.envelope", "the document is not a JSON object");
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            var name = parser.currentName();
            var token = parser.nextToken();
            switch (name) {
                case "data" -> parts.inline = slice(parser, token, text);
                case "data_base64" -> parts.base64 = base64(parser, token);
                default -> attribute(parts.attributes, name, parser, token);
            }
        }
        if (parser.nextToken() != null) {
            throw new EnvelopeFault("malformed.envelope", "there is more after the document");
        }
    }

    private static Bytes slice(JsonParser parser, JsonToken token, Bytes text) {
        long start = parser.currentTokenLocation().getByteOffset();
        if (token.isStructStart()) {
            parser.skipChildren();
        } else {
            parser.finishToken(); // a string is read lazily, and its end is needed
        }
        long end = parser.currentLocation().getByteOffset();
        return Bytes.wrap(text.array(), text.offset() + (int) start, (int) (end - start));
    }

    private static @Nullable Bytes base64(JsonParser parser, JsonToken token) throws EnvelopeFault {
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (token == JsonToken.VALUE_STRING) {
            try {
                return Bytes.wrap(Base64.getDecoder().decode(parser.getString()));
            } catch (IllegalArgumentException garbage) {
                // told below
            }
        }
        throw new EnvelopeFault("malformed.envelope", "data_base64 is not base64");
    }

    private static void attribute(Map<String, String> attributes, String name, JsonParser parser, JsonToken token)
            throws EnvelopeFault {
        if (!Message.isAttributeName(name)) {
            parser.skipChildren();
            return; // no attribute by the rules, as a header by such a name is none
        }
        switch (token) {
            case VALUE_NULL -> {
                return; // as if it were not there
            }
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_TRUE, VALUE_FALSE -> attributes.put(name, parser.getString());
            default ->
                throw new EnvelopeFault(
                        "malformed.envelope",
                        "attribute \"" + LogText.of(name) + "\" is neither text, integer nor boolean");
        }
        if (attributes.size() > MAX_ATTRIBUTES) {
            throw new EnvelopeFault("envelope.limit", "more than " + MAX_ATTRIBUTES + " attributes");
        }
    }

    private Message assemble(Message message, Parts parts) throws EnvelopeFault {
        if (parts.inline != null && parts.base64 != null) {
            throw new EnvelopeFault("malformed.envelope", "data and data_base64 exclude each other");
        }
        var attributes = parts.attributes;
        var data = parts.base64;
        if (data != null) {
            attributes.putIfAbsent("datacontenttype", "application/octet-stream"); // nothing may be assumed
        } else if (parts.inline != null) {
            attributes.putIfAbsent("datacontenttype", "application/json"); // what the format says
            data = inline(parts.inline, MediaType.of(attributes.getOrDefault("datacontenttype", "")));
        }
        var key = attributes.getOrDefault("partitionkey", message.key());
        return new Message(
                message.topic(),
                key.isEmpty() ? attributes.getOrDefault("subject", "") : key,
                attributes,
                message.headers(),
                data);
    }

    /** JSON stays as it is, a JSON string too; of any other type the string holds the text. */
    private Bytes inline(Bytes slice, MediaType type) throws EnvelopeFault {
        if (type.isJson()) {
            return slice;
        }
        if (!type.isUtf8()) {
            throw new EnvelopeFault("unsupported.charset", "data in " + LogText.of(type.charset()));
        }
        try (var parser = json.createParser(ObjectReadContext.empty(), slice.array(), slice.offset(), slice.length())) {
            if (parser.nextToken() == JsonToken.VALUE_STRING) {
                return Bytes.utf8(parser.getString());
            }
        }
        throw new EnvelopeFault(
                "malformed.envelope", "data of type " + LogText.of(type.essence()) + " must be a string");
    }

    /** What was read so far. */
    private static final class Parts {
        final Map<String, String> attributes = new HashMap<>();

        @Nullable
        Bytes inline;

        @Nullable
        Bytes base64;
    }
}
