package dev.syncline.spi;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers of one message by the rules of the CloudEvents Kafka binding, which Redis Streams share: a header
 * {@code ce_<name>} is the attribute {@code name} if that can be the {@linkplain Message#isAttributeName name of one},
 * {@code content-type} is {@code datacontenttype}, all else belongs to the transport. Strict where readers of two languages could disagree: invalid UTF-8, and a repeated attribute with
 * another value, make a {@link Defect}, never a guess.
 *
 * <p>One per message, one thread.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">Kafka
 *     protocol binding</a>
 */
public final class MessageReader {

    /** More headers than this make a defect. */
    public static final int MAX_HEADERS = 64;

    /** More bytes of headers than this make a defect. */
    public static final int MAX_HEADER_BYTES = 32 * 1024;

    private static final String PREFIX = "ce_";
    private static final String CONTENT_TYPE = "content-type";

    private final Map<String, String> attributes = new HashMap<>();
    private final Map<String, String> headers = new HashMap<>();
    private final List<Defect.RawHeader> raw = new ArrayList<>();
    private @Nullable String code;
    private String detail = "";
    private int bytes;

    /** Takes the next header, in the order of the wire. */
    public void header(String name, byte @Nullable [] value) {
        if (value == null) {
            return; // a header without value says nothing
        }
        bytes += name.length() + value.length;
        raw.add(new Defect.RawHeader(name, Bytes.wrap(value)));
        if (raw.size() > MAX_HEADERS || bytes > MAX_HEADER_BYTES) {
            defect(
                    "too.many.headers",
                    "more than " + MAX_HEADERS + " headers or " + MAX_HEADER_BYTES + " bytes of them");
            return;
        }
        var text = utf8(value);
        if (text == null) {
            defect("invalid.utf8", "header \"" + name + "\" is not valid UTF-8");
            return;
        }
        if (name.equalsIgnoreCase(CONTENT_TYPE)) {
            put(attributes, "datacontenttype", text, true);
        } else if (name.startsWith(PREFIX) && Message.isAttributeName(name.substring(PREFIX.length()))) {
            put(attributes, name.substring(PREFIX.length()), text, true);
        } else {
            put(headers, name, text, false);
        }
    }

    /**
     * The message.
     *
     * @param topic where it came from
     * @param recordKey the key that the broker kept beside it, null if none
     * @param data null if the message has no value
     */
    public Message message(String topic, byte @Nullable [] recordKey, @Nullable Bytes data) {
        if (isStructured()) {
            // attributes may be copied to headers as well; the document is what counts
            var contentType = attributes.get("datacontenttype");
            return new Message(topic, key(recordKey), Map.of("datacontenttype", contentType), headers, data);
        }
        return new Message(topic, key(recordKey), attributes, headers, data);
    }

    /** What is wrong with the headers read, null if nothing. Ask after {@link #message}. */
    public @Nullable Defect defect() {
        return code == null ? null : new Defect(code, detail, raw);
    }

    private boolean isStructured() {
        var contentType = attributes.get("datacontenttype");
        return contentType != null
                && contentType.toLowerCase(Locale.ROOT).stripLeading().startsWith("application/cloudevents");
    }

    private String key(byte @Nullable [] recordKey) {
        var partitionKey = attributes.get("partitionkey");
        if (partitionKey != null) {
            return partitionKey;
        }
        if (recordKey != null && recordKey.length > 0) {
            var text = utf8(recordKey);
            if (text == null) {
                defect("invalid.utf8", "the key of the message is not valid UTF-8");
                return "";
            }
            return text;
        }
        return attributes.getOrDefault("subject", "");
    }

    private void put(Map<String, String> into, String name, String value, boolean isAttribute) {
        var before = into.put(name, value);
        if (isAttribute && before != null && !before.equals(value)) {
            defect("ambiguous.header", "attribute \"" + name + "\" is there twice with different values");
        }
    }

    private void defect(String code, String detail) {
        if (this.code == null) {
            this.code = code;
            this.detail = detail;
        }
    }

    private static @Nullable String utf8(byte[] value) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(value))
                    .toString();
        } catch (CharacterCodingException malformed) {
            return null;
        }
    }
}
