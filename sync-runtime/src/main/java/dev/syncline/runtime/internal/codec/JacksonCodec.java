package dev.syncline.runtime.internal.codec;

import dev.syncline.api.ContractException;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.PayloadCodec;
import java.lang.reflect.Type;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;

/**
 * Payloads as JSON: the default codec.
 *
 * <p>What it promises beside the contract of {@link PayloadCodec}:
 *
 * <ul>
 *   <li><em>One text per value.</em> Members and map entries are written in alphabetical order, so a repeated attempt
 *       encodes to the same bytes, and a digest of them compares.
 *   <li><em>No number changes silently.</em> A fraction decodes to {@code BigDecimal} in untyped maps, whole numbers to
 *       {@code Integer}, {@code Long} or {@code BigInteger} as they fit. A fraction does not fit a whole-number member,
 *       NaN and the infinities, which JSON has not, are refused both ways, and a missing member is no zero.
 *   <li><em>Tolerant where nothing is lost.</em> Unknown members are ignored, a byte order mark is skipped, {@code
 *       java.time} and {@code Optional} are known, instants are ISO-8601 text.
 *   <li><em>No class from the data.</em> Only declared types are made; an annotation that takes a class name from the
 *       data is refused.
 *   <li><em>No values in messages.</em> A fault names a JSON pointer and types, never what stood there.
 * </ul>
 */
public final class JacksonCodec implements PayloadCodec {

    private final JsonMapper mapper;
    private final int maxBytes;
    private final ConcurrentMap<Type, ObjectReader> readers = new ConcurrentHashMap<>();

    /**
     * Makes a codec.
     *
     * @param maxBytes largest text, read or written
     */
    public JacksonCodec(int maxBytes) {
        this.maxBytes = maxBytes;
        this.mapper = JsonMapper.builder(StrictJson.factory(maxBytes, StrictJson.MAX_DEPTH))
                .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .annotationIntrospector(new PrimitivesAreRequired())
                .polymorphicTypeValidator(
                        BasicPolymorphicTypeValidator.builder().build()) // allows no class by name
                .build();
    }

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public boolean decodes(String mediaType) {
        return mediaType.endsWith("/json") || mediaType.endsWith("+json");
    }

    @Override
    public Bytes encode(Object payload) {
        var out = new BoundedOutput(maxBytes);
        try (var generator = new FiniteNumbersGenerator(mapper.createGenerator(out))) {
            mapper.writeValue(generator, payload);
        } catch (JacksonException failure) {
            throw CodecFault.encoding(payload.getClass(), failure);
        }
        return out.bytes();
    }

    @Override
    public Object decode(Bytes data, Type type) {
        if (data.length() > maxBytes) {
            throw new ContractException("payload.too.large", data.length() + " bytes of JSON; at most " + maxBytes);
        }
        var text = StrictJson.withoutMark(data);
        if (!StrictJson.isUtf8(text)) {
            throw new ContractException("invalid.utf8", "the payload is not valid UTF-8");
        }
        try (var parser = new FiniteNumbersParser(mapper.createParser(text.array(), text.offset(), text.length()))) {
            if (parser.nextToken() == null) {
                throw new ContractException(
                        "payload.malformed", "the payload is empty, which is no JSON; a delete has no data at all");
            }
            Object payload = reader(type).readValue(parser);
            if (payload == null) {
                throw new ContractException("payload.null", "the payload is a JSON null; a delete has no data at all");
            }
            return payload;
        } catch (JacksonException failure) {
            throw CodecFault.decoding(type, failure);
        }
    }

    private ObjectReader reader(Type type) {
        // types are those that the application declared: a handful
        return readers.computeIfAbsent(type, t -> mapper.readerFor(mapper.constructType(t)));
    }
}
