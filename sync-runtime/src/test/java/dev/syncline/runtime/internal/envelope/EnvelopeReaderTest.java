package dev.syncline.runtime.internal.envelope;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Delivery;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad inputs are those of the guarantees, by number. */
class EnvelopeReaderTest {

    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final int LIMIT = 1 << 20;

    private final EnvelopeReader reader = new EnvelopeReader(InstantSource.fixed(NOW), LIMIT);

    @Nested
    class InBinaryMode {

        @Test
        void aCompleteEnvelopeIsRead() {
            var read = read(attributes(), "k", Bytes.utf8("{}"));

            assertThat(read.problem()).isNull();
            assertThat(read.id()).isEqualTo("e-1");
            assertThat(read.source()).isEqualTo("crm");
            assertThat(read.type()).isEqualTo("crm.customer.changed");
            assertThat(read.dataVersion()).isEqualTo(1);
            assertThat(read.key()).isEqualTo("k");
            assertThat(read.mode()).isEqualTo(Delivery.Mode.LIVE);
            assertThat(read.firstSeen()).isEqualTo(NOW);
        }

        @Test
        void aKeyThatOnlyTheRecordHasBecomesAnAttributeForTheHandler() {
            var read = read(attributes(), "k", null);

            assertThat(read.message().attribute("partitionkey")).isEqualTo("k");
        }

        @Test
        void attributesOfOthersPassUnchanged() {
            var read = read(with("anextensionwithaverylongnameindeed", "x y"), "k", null);

            assertThat(read.message().attributes()).containsEntry("anextensionwithaverylongnameindeed", "x y");
        }

        @ParameterizedTest
        @CsvSource({"backfill, BACKFILL", "replay, REPLAY", "dark, LIVE", "redrive, LIVE"})
        void onlyOurTwoModesAreTakenFromTheWire(String text, Delivery.Mode mode) {
            assertThat(read(with("mode", text), "k", null).mode()).isEqualTo(mode);
        }

        @Test
        void input2_nullDataIsAbsentAndEmptyDataIsNot() {
            assertThat(read(attributes(), "k", null).message().data()).isNull();
            assertThat(read(attributes(), "k", Bytes.empty()).message().data()).isEqualTo(Bytes.empty());
        }

        @Test
        void input3_aForeignTombstoneIsNamed() {
            assertThat(code(Map.of(), null)).isEqualTo("foreign.tombstone");
        }

        @Test
        void foreignMessagesAreNamed() {
            assertThat(code(Map.of("datacontenttype", "application/json"), Bytes.utf8("{}")))
                    .isEqualTo("not.a.cloudevent");
        }

        @ParameterizedTest
        @ValueSource(strings = {"id", "source", "type"})
        void input4_aMissingAttributeIsNeverInvented(String name) {
            var attributes = attributes();
            attributes.remove(name);

            assertThat(code(attributes, null)).isEqualTo("missing." + name);
        }

        @ParameterizedTest
        @ValueSource(strings = {"id", "source", "type", "subject", "partitionkey"})
        void input5_anEmptyAttributeIsInvalid(String name) {
            assertThat(code(with(name, ""), null)).isEqualTo("empty.attribute");
        }

        @ParameterizedTest
        @ValueSource(strings = {"0.3", "2.0", "1.0.2", ""})
        void input6_otherSpecVersionsAreNotRead(String version) {
            assertThat(code(with("specversion", version), null)).isEqualTo("unsupported.specversion");
        }

        @Test
        void input6_aMissingSpecVersionToo() {
            var attributes = attributes();
            attributes.remove("specversion");

            assertThat(code(attributes, null)).isEqualTo("unsupported.specversion");
        }

        @ParameterizedTest
        @ValueSource(strings = {"my shop", "a\"b", "%zz", "%2", ":x", "1a:b", "{x}", "käse"})
        void input7_aSourceMustBeAUriReference(String source) {
            assertThat(code(with("source", source), null)).isEqualTo("invalid.source");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"crm", "/a/b", "//host/x", "urn:uuid:6e8bc430", "https://x.y/z?q=1#f", "a%20b", "./a:b", "#x"
                })
        void input7_relativeSourcesAreLegal(String source) {
            assertThat(code(with("source", source), null)).isNull();
        }

        @ParameterizedTest
        @ValueSource(strings = {"yesterday", "2016-12-31T23:59:60Z", "9999-12-31T23:59:59Z", "-0001-01-01T00:00:00Z"})
        void input8_timeDecidesNothing(String time) {
            assertThat(code(with("time", time), null)).isNull();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"a\u0000b", "a\nb", "a\u0085b", "\ud800", "x\udc00", "\ufffe", "\ufdd0", "\ud83f\udfff"})
        void input11_illegalCharactersInAttributes(String text) {
            assertThat(code(with("comment", text), null)).isEqualTo("invalid.attribute");
        }

        @Test
        void input11_legalCharactersBeyondAscii() {
            assertThat(code(with("comment", "Euro € 😀 é"), null)).isNull();
        }

        @ParameterizedTest
        @ValueSource(strings = {"ambiguous.header", "invalid.utf8", "too.many.headers"})
        void input12_19_35_whatTheAdapterFoundIsPassedOn(String code) {
            var received = new Received(
                    new TopicPartition("t", 0),
                    Position.of(1),
                    new Message("t", "k", attributes(), Map.of(), null),
                    NOW,
                    new Defect(code, "so it is", List.of()));

            assertThat(reader.read(received).problem()).isEqualTo(new Envelope.Problem(code, "so it is"));
        }

        @Test
        void input30_dataOverTheLimit() {
            assertThat(code(attributes(), Bytes.wrap(new byte[LIMIT + 1]))).isEqualTo("payload.too.large");
            assertThat(code(attributes(), Bytes.wrap(new byte[LIMIT]))).isNull();
        }

        @Test
        void input37_aHugeKey() {
            assertThat(read(attributes(), "k".repeat(1 << 20), null).problem())
                    .extracting(Envelope.Problem::code)
                    .isEqualTo("key.too.long");
        }

        @Test
        void input38_keysThatOnlyNormalisationMakesEqualStayDifferent() {
            assertThat(read(attributes(), "\u00e9", null).key())
                    .isNotEqualTo(read(attributes(), "e\u0301", null).key());
        }

        @ParameterizedTest
        @ValueSource(strings = {"0", "-1", "v2", "", "99999999999999999999", "+1", "1.0"})
        void input48_aDataVersionIsAPositiveNumber(String text) {
            assertThat(code(with("dataversion", text), null)).isEqualTo("invalid.dataversion");
        }

        @ParameterizedTest
        @ValueSource(strings = {"-1", "seven", "", "9223372036854775808", "1e3"})
        void input48_anEntityVersionIsANumber(String text) {
            assertThat(code(with("entityversion", text), null)).isEqualTo("invalid.entityversion");
        }

        @Test
        void input48_aPaddedEntityVersionIsOne() {
            assertThat(code(with("entityversion", "0000000000000000008"), null)).isNull();
        }

        @Test
        void input62_whatIsPrintedIsHarmless() {
            var attributes = with("dataversion", "${jndi:ldap://x}\u001b[31m");
            attributes.put("type", "a.b\n\u202e");
            var read = read(attributes, "k\r\n\u202e", null);

            assertThat(read.problem().detail()).doesNotContain("\u001b");
            assertThat(read.toString()).doesNotContain("\r", "\n", "\u202e");
        }
    }

    @Nested
    class TheShard {

        @Test
        void isThatOfTheKey() {
            var one = with("id", "1");
            var other = with("id", "2");

            assertThat(read(one, "k", null).shard())
                    .isEqualTo(read(other, "k", null).shard());
        }

        @Test
        void withoutAKeyIsSpreadByIdentity() {
            var shards = IntStream.range(0, 1000)
                    .mapToObj(i -> read(with("id", "e-" + i), "", null).shard())
                    .collect(Collectors.toSet());

            assertThat(shards).hasSizeGreaterThan(200).allMatch(shard -> shard >= 0 && shard < 256);
            assertThat(read(attributes(), "", null).shard())
                    .isEqualTo(read(attributes(), "", null).shard());
        }
    }

    @Nested
    class InStructuredMode {

        @Test
        void aDocumentIsTakenApart() {
            var read = structured("""
                    {"specversion":"1.0","id":"e-1","source":"/crm","type":"crm.customer.changed","partitionkey":"c-9",
                     "dataversion":2,"flag":true,"nothing":null,"data":{"a":[1,{"b":"}"}]},"time":"2026-01-01T00:00:00Z"}
                    """);

            assertThat(read.problem()).isNull();
            assertThat(read.key()).isEqualTo("c-9");
            assertThat(read.dataVersion()).isEqualTo(2);
            assertThat(read.message().attributes())
                    .containsEntry("flag", "true")
                    .containsEntry("datacontenttype", "application/json")
                    .doesNotContainKeys("nothing", "data");
            assertThat(read.message().data().asText()).isEqualTo("{\"a\":[1,{\"b\":\"}\"}]}");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{}",
                    "[]",
                    "{ \"a\" : 1.10 , \"b\":\"\\u00e9\" }",
                    "[ [ ], {\"x\":[]} ]",
                    "\"text\"",
                    "\"\"",
                    "\"a\\\"b\\\\\"",
                    "12",
                    "-0.10",
                    "1E+2",
                    "true",
                    "false",
                    "null",
                    "\"Euro € 😀\""
                })
        void inlineDataStaysTheBytesThatItWas(String json) {
            for (var document : List.of("{\"data\":%s,%s}", "{%2$s,\"data\":%1$s}", "{%2$s , \"data\" : %1$s\n}\n")) {
                var read = structured(String.format(document, json, required()));

                assertThat(read.problem()).isNull();
                assertThat(read.message().data().asText()).isEqualTo(json);
            }
        }

        @Test
        void inlineDataOfMoreThanABufferStaysTheBytesThatItWas() {
            var json = "[\"" + "€x".repeat(20_000) + "\", " + "1.0, ".repeat(5_000) + "2]";

            assertThat(structured("{" + required() + ",\"data\":" + json + "}")
                            .message()
                            .data()
                            .asText())
                    .isEqualTo(json);
        }

        @Test
        void aDocumentInTheMiddleOfAnArrayIsTakenApart() {
            var document = "{" + required() + ",\"data\":{\"a\":1}}";
            byte[] all = ("xxxx" + document + "yyyy").getBytes(UTF_8);
            var message = structuredMessage(Bytes.wrap(all, 4, document.length()), "application/cloudevents+json");

            assertThat(reader.read(message).message().data().asText()).isEqualTo("{\"a\":1}");
        }

        @Test
        void binaryDataIsDecoded() {
            var read = structured("{" + required() + ",\"data_base64\":\"AAH/\"}");

            assertThat(read.message().data()).isEqualTo(Bytes.wrap(new byte[] {0, 1, -1}));
            assertThat(read.message().attribute("datacontenttype")).isEqualTo("application/octet-stream");
        }

        @Test
        void textOfAnotherTypeIsTheContentOfTheString() {
            var read = structured("{\"data\":\"<a>\\u20ac</a>\",\"datacontenttype\":\"text/xml\"," + required() + "}");

            assertThat(read.message().data().asText()).isEqualTo("<a>€</a>");
        }

        @Test
        void withoutDataThereIsNone() {
            assertThat(structured("{" + required() + "}").message().data()).isNull();
        }

        @Test
        void theDocumentCountsAndNotTheRecordsKey() {
            var message = new Message(
                    "t",
                    "record-key",
                    Map.of("datacontenttype", "application/cloudevents+json"),
                    Map.of("x", "y"),
                    Bytes.utf8("{" + required() + ",\"partitionkey\":\"own\"}"));
            var read = reader.read(received(message));

            assertThat(read.key()).isEqualTo("own");
            assertThat(read.message().headers()).containsEntry("x", "y");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "nope", "{\"id\":", "[]", "{} {}", "{\"id\":{}}", "{\"id\":1.5}", "{\"id\":[1]}"})
        void input1_whatIsNoDocument(String document) {
            assertThat(structured(document).problem().code()).isEqualTo("malformed.envelope");
        }

        @Test
        void input1_noDocumentAtAll() {
            var message = structuredMessage(null, "application/cloudevents+json");

            assertThat(reader.read(message).problem().code()).isEqualTo("malformed.envelope");
        }

        @Test
        void input10_aNumberBeyond32BitsStaysText() {
            var read = structured("{" + required() + ",\"big\":9999999999}");

            assertThat(read.message().attribute("big")).isEqualTo("9999999999");
        }

        @Test
        void input11_aLoneSurrogateByEscape() {
            assertThat(structured("{" + required() + ",\"x\":\"\\ud800\"}")
                            .problem()
                            .code())
                    .isEqualTo("invalid.attribute");
        }

        @ParameterizedTest
        @ValueSource(strings = {"\"id\":\"2\"", "\"data\":{\"a\":1,\"a\":2}"})
        void input13_duplicateNames(String more) {
            assertThat(structured("{" + required() + "," + more + "}").problem().code())
                    .isEqualTo("malformed.envelope");
        }

        @ParameterizedTest
        @ValueSource(strings = {"\"data\":1,\"data_base64\":\"AA==\"", "\"data_base64\":\"%%\"", "\"data_base64\":7"})
        void input14_dataInTwoWaysOrBadBase64(String data) {
            assertThat(structured("{" + required() + "," + data + "}").problem().code())
                    .isEqualTo("malformed.envelope");
        }

        @Test
        void input15_aJsonStringIsNotParsedAgain() {
            assertThat(structured("{" + required() + ",\"data\":\"{\\\"a\\\":1}\"}")
                            .message()
                            .data()
                            .asText())
                    .isEqualTo("\"{\\\"a\\\":1}\"");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "application/cloudevents+json; charset=UTF-8",
                    "Application/CloudEvents+JSON;Charset=\"utf-8\"",
                    " application/cloudevents+json"
                })
        void input16_contentTypesAreComparedWithoutCase(String contentType) {
            var message = structuredMessage(Bytes.utf8("{" + required() + "}"), contentType);

            assertThat(reader.read(message).problem()).isNull();
        }

        @Test
        void input18_anotherCharset() {
            var message = structuredMessage(Bytes.utf8("{}"), "application/cloudevents+json; charset=utf-16");

            assertThat(reader.read(message).problem().code()).isEqualTo("unsupported.charset");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"\u00c0\u00af", "\u00ed\u00a0\u0080", "\u00e2\u0082", "\u0080", "\u00f5\u0080\u0080\u0080"})
        void input19_invalidUtf8(String bytes) {
            byte[] document = ("{" + required() + ",\"x\":\"" + bytes + "\"}").getBytes(ISO_8859_1);

            assertThat(reader.read(structuredMessage(Bytes.wrap(document), "application/cloudevents+json"))
                            .problem()
                            .code())
                    .isEqualTo("invalid.utf8");
        }

        @Test
        void input19_utf16IsNotGuessed() {
            byte[] document = ("{" + required() + "}").getBytes(java.nio.charset.StandardCharsets.UTF_16LE);

            assertThat(reader.read(structuredMessage(Bytes.wrap(document), "application/cloudevents+json"))
                            .problem()
                            .code())
                    .isEqualTo("invalid.utf8");
        }

        @Test
        void input20_aByteOrderMarkIsSkipped() {
            var read = structured("\ufeff{" + required() + ",\"data\":[1]}");

            assertThat(read.problem()).isNull();
            assertThat(read.message().data().asText()).isEqualTo("[1]");
        }

        @Test
        void input32_depth() {
            assertThat(structured("{" + required() + ",\"data\":" + "[".repeat(64) + "]".repeat(64) + "}")
                            .problem())
                    .isNull();
            assertThat(structured("{" + required() + ",\"data\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}")
                            .problem()
                            .code())
                    .isEqualTo("envelope.limit");
        }

        @Test
        void input35_manyAttributes() {
            var many = IntStream.range(0, 100)
                    .mapToObj(i -> ",\"x" + i + "\":\"v\"")
                    .collect(Collectors.joining());

            assertThat(structured("{" + required() + many + "}").problem().code())
                    .isEqualTo("envelope.limit");
        }

        @ParameterizedTest
        @ValueSource(strings = {"application/cloudevents-batch+json", "application/cloudevents+avro"})
        void otherFormatsAreNamed(String contentType) {
            assertThat(reader.read(structuredMessage(Bytes.utf8("[]"), contentType))
                            .problem()
                            .code())
                    .isEqualTo("unsupported.format");
        }

        private String required() {
            return "\"specversion\":\"1.0\",\"id\":\"e-1\",\"source\":\"crm\",\"type\":\"crm.customer.changed\"";
        }
    }

    private Envelope structured(String document) {
        return reader.read(structuredMessage(Bytes.utf8(document), "application/cloudevents+json"));
    }

    private static Received structuredMessage(Bytes document, String contentType) {
        return received(new Message("t", "", Map.of("datacontenttype", contentType), Map.of(), document));
    }

    private static Received received(Message message) {
        return new Received(new TopicPartition("t", 0), Position.of(1), message, NOW, null);
    }

    private String code(Map<String, String> attributes, Bytes data) {
        var problem = read(attributes, "", data).problem();
        return problem == null ? null : problem.code();
    }

    private Envelope read(Map<String, String> attributes, String key, Bytes data) {
        return reader.read(received(new Message("crm.customer", key, attributes, Map.of(), data)));
    }

    private static Map<String, String> attributes() {
        var attributes = new HashMap<String, String>();
        attributes.put("specversion", "1.0");
        attributes.put("id", "e-1");
        attributes.put("source", "crm");
        attributes.put("type", "crm.customer.changed");
        return attributes;
    }

    private static Map<String, String> with(String name, String value) {
        var attributes = attributes();
        attributes.put(name, value);
        return attributes;
    }
}
