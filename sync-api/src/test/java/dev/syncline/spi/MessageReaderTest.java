package dev.syncline.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {

    private final MessageReader reader = new MessageReader();

    private void header(String name, String value) {
        reader.header(name, value.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsWhatTheWriterWrites() {
        var message = new Message(
                "topic",
                "k",
                Map.of("id", "1", "partitionkey", "k", "datacontenttype", "application/json", "tenant", "€😀"),
                Map.of("traceparent", "00-x", "sync_attempt", "2"),
                Bytes.utf8("{}"));
        var headers = new HashMap<String, String>();
        MessageWriter.headers(message, headers::put);
        headers.forEach(this::header);

        assertThat(headers).containsEntry("ce_id", "1").containsEntry("content-type", "application/json");
        assertThat(reader.message("topic", "k".getBytes(StandardCharsets.UTF_8), Bytes.utf8("{}")))
                .isEqualTo(message);
        assertThat(reader.defect()).isNull();
    }

    @Test
    void aStructuredMessageKeepsItsContentTypeAlone() {
        header("content-type", "Application/CloudEvents+json; charset=UTF-8");
        header("ce_id", "copied");

        assertThat(reader.message("t", null, Bytes.utf8("{}")).attributes())
                .containsExactly(Map.entry("datacontenttype", "Application/CloudEvents+json; charset=UTF-8"));
    }

    @Test
    void input9_whatCannotBeAnAttributesNameStaysAHeader() {
        header("ce_id", "1");
        header("ce_ID", "2");
        header("ce_my-name", "x");
        header("ce_", "y");
        header("ce_alonglowercasenamethatisallowed", "z");

        var message = reader.message("t", null, null);

        assertThat(reader.defect()).isNull();
        assertThat(message.attributes())
                .containsOnly(Map.entry("id", "1"), Map.entry("alonglowercasenamethatisallowed", "z"));
        assertThat(message.headers()).containsOnlyKeys("ce_ID", "ce_my-name", "ce_");
    }

    @Test
    void input12_aRepeatedAttributeWithAnotherValueIsADefectAnEqualOneIsNot() {
        header("ce_id", "1");
        header("ce_id", "1");
        reader.message("t", null, null);
        assertThat(reader.defect()).isNull();

        header("ce_id", "2");
        reader.message("t", null, null);
        assertThat(reader.defect()).isNotNull().extracting(Defect::code).isEqualTo("ambiguous.header");
    }

    @Test
    void input19_invalidUtf8IsADefectAndTheRawHeadersAreKept() {
        reader.header("ce_subject", new byte[] {(byte) 0xC0, (byte) 0xA0});

        var message = reader.message("t", null, null);

        assertThat(reader.defect()).isNotNull().satisfies(defect -> {
            assertThat(defect.code()).isEqualTo("invalid.utf8");
            assertThat(defect.headers()).hasSize(1);
        });
        assertThat(message.attributes()).isEmpty();
    }

    @Test
    void input35_tooManyHeadersAreADefect() {
        for (int i = 0; i <= MessageReader.MAX_HEADERS; i++) {
            header("h" + i, "x");
        }
        reader.message("t", null, null);

        assertThat(reader.defect()).isNotNull().extracting(Defect::code).isEqualTo("too.many.headers");
    }

    @Test
    void theKeyIsPartitionKeyThenRecordKeyThenSubject() {
        header("ce_subject", "s");
        assertThat(reader.message("t", null, null).key()).isEqualTo("s");
        assertThat(reader.message("t", "r".getBytes(StandardCharsets.UTF_8), null)
                        .key())
                .isEqualTo("r");
        header("ce_partitionkey", "p");
        assertThat(reader.message("t", "r".getBytes(StandardCharsets.UTF_8), null)
                        .key())
                .isEqualTo("p");
    }

    @Test
    void input37_aBinaryKeyIsADefect() {
        reader.message("t", new byte[] {(byte) 0xff}, null);

        assertThat(reader.defect()).isNotNull().extracting(Defect::code).isEqualTo("invalid.utf8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x"})
    void emptyDataIsNotAbsentData(String text) {
        assertThat(reader.message("t", null, Bytes.utf8(text)).data()).isEqualTo(Bytes.utf8(text));
        assertThat(reader.message("t", null, null).data()).isNull();
    }

    @Test
    void bytesAreComparedByContentAndNotShown() {
        var part = Bytes.wrap("xabcx".getBytes(StandardCharsets.UTF_8), 1, 3);

        assertThat(part).isEqualTo(Bytes.utf8("abc")).hasSameHashCodeAs(Bytes.utf8("abc"));
        assertThat(part).hasToString("3 bytes");
        assertThat(part.toByteArray()).containsExactly('a', 'b', 'c');
        assertThat(Bytes.copyOf(part.asByteBuffer())).isEqualTo(part);
    }

    @Test
    void positionsCompareAsUnsignedNumbers() {
        assertThat(new Position(1, -1)).isGreaterThan(new Position(1, 5));
        assertThat(new Position(-1, 0)).isGreaterThan(new Position(5, 0));
        assertThat(Position.of(2)).isGreaterThan(new Position(1, 9));
    }
}
