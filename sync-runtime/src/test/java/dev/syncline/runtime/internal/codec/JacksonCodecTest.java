package dev.syncline.runtime.internal.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.syncline.api.ContractException;
import dev.syncline.spi.Bytes;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JacksonCodecTest {

    private static final int LIMIT = 1 << 20;

    private final JacksonCodec codec = new JacksonCodec(LIMIT);

    record Product(String sku, long revision, BigDecimal price, Optional<String> note, Instant at, List<Part> parts) {}

    record Part(UUID id, LocalDate from, Duration lasts, Color color) {}

    enum Color {
        RED,
        GREEN
    }

    record Count(int count) {}

    record Money(BigDecimal amount) {}

    record Picky(String name) {
        Picky {
            if (name.isBlank()) {
                throw new IllegalArgumentException("blank: " + name);
            }
        }
    }

    static final class Bean {
        private String b = "2";
        public String a = "1";
        public double ratio;
        public double[] series = {};

        public String getB() {
            return b;
        }

        public void setB(String b) {
            this.b = b;
        }
    }

    static final class Open {
        @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, property = "@class")
        public Object any;
    }

    static final class Node {
        public Node next = this;
    }

    @Test
    void aPayloadComesBackEqual() {
        var product = new Product(
                "A-1",
                7,
                new BigDecimal("19.90"),
                Optional.of("x"),
                Instant.parse("2026-01-02T03:04:05.123456789Z"),
                List.of(new Part(new UUID(1, 2), LocalDate.of(2026, 1, 2), Duration.ofMinutes(90), Color.RED)));

        assertThat(codec.decode(codec.encode(product), Product.class)).isEqualTo(product);
    }

    @Test
    void absentIsEmptyForOptionalMembers() {
        var decoded = (Product) codec.decode(Bytes.utf8("{\"sku\":\"a\",\"revision\":1}"), Product.class);

        assertThat(decoded.note()).isEmpty();
    }

    @Test
    void theSameValueIsAlwaysTheSameText() {
        var one = new LinkedHashMap<String, Object>();
        one.put("b", 1);
        one.put("a", Map.of("z", 1, "y", 2));
        var other = new HashMap<String, Object>();
        other.put("a", Map.of("y", 2, "z", 1));
        other.put("b", 1);

        assertThat(codec.encode(one).asText()).isEqualTo("{\"a\":{\"y\":2,\"z\":1},\"b\":1}");
        assertThat(codec.encode(other)).isEqualTo(codec.encode(one));
        assertThat(codec.encode(new Bean()).asText())
                .isEqualTo("{\"a\":\"1\",\"b\":\"2\",\"ratio\":0.0,\"series\":[]}");
    }

    @Test
    void numbersInMapsLoseNothing() {
        var decoded = map("{\"price\":19.90,\"count\":3,\"big\":12345678901,\"huge\":123456789012345678901234567890}");

        assertThat(decoded)
                .containsEntry("price", new BigDecimal("19.90"))
                .containsEntry("count", 3)
                .containsEntry("big", 12345678901L)
                .containsEntry("huge", new BigInteger("123456789012345678901234567890"));
    }

    @Test
    void genericTypesAreDecoded() throws NoSuchFieldException {
        Type type = Holder.class.getDeclaredField("numbers").getGenericType();

        assertThat(codec.decode(Bytes.utf8("[{\"count\":1}]"), type)).isEqualTo(List.of(new Count(1)));
    }

    @SuppressWarnings("unused")
    static final class Holder {
        List<Count> numbers;
    }

    @Test
    void unknownMembersAreIgnored() {
        assertThat(codec.decode(Bytes.utf8("{\"count\":1,\"more\":{}}"), Count.class))
                .isEqualTo(new Count(1));
    }

    @Test
    void aPartOfAnArrayIsDecoded() {
        var data = Bytes.wrap("xx{\"count\":1}yy".getBytes(ISO_8859_1), 2, 11);

        assertThat(codec.decode(data, Count.class)).isEqualTo(new Count(1));
    }

    @Test
    void largePayloadsAreEncodedWhole() {
        var text = "x€".repeat(30_000);

        assertThat(codec.decode(codec.encode(Map.of("t", text)), Map.class)).isEqualTo(Map.of("t", text));
    }

    @Test
    void contentTypes() {
        assertThat(codec.contentType()).isEqualTo("application/json");
        assertThat(codec.decodes("application/json")).isTrue();
        assertThat(codec.decodes("application/vnd.shop+json")).isTrue();
        assertThat(codec.decodes("text/xml")).isFalse();
    }

    @Nested
    class WhatDoesNotFit {

        @ParameterizedTest
        @ValueSource(strings = {"{\"count\":1.5}", "{\"count\":\"secret\"}", "{\"count\":null}", "{}", "[1]", "7"})
        void isRefusedWithoutSayingWhatStoodThere(String json) {
            assertThatExceptionOfType(ContractException.class)
                    .isThrownBy(() -> codec.decode(Bytes.utf8(json), Count.class))
                    .satisfies(refused -> {
                        assertThat(refused.code()).isEqualTo("payload.mismatch");
                        assertThat(refused).hasNoCause();
                        assertThat(refused.getMessage())
                                .doesNotContain("secret")
                                .doesNotContain("1.5");
                    });
        }

        @Test
        void isNamedByPointer() {
            assertThatExceptionOfType(ContractException.class)
                    .isThrownBy(() -> codec.decode(
                            Bytes.utf8("{\"sku\":\"a\",\"revision\":1,\"parts\":[{},{\"from\":\"soon\"}]}"),
                            Product.class))
                    .withMessageContaining("/parts/1/from")
                    .withMessageContaining("LocalDate")
                    .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain("soon"));
        }

        @Test
        void keepsTheCauseThatUserCodeThrew() {
            assertThatExceptionOfType(ContractException.class)
                    .isThrownBy(() -> codec.decode(Bytes.utf8("{\"name\":\" \"}"), Picky.class))
                    .withCauseInstanceOf(IllegalArgumentException.class)
                    .withMessageContaining("IllegalArgumentException");
        }

        @Test
        void anEnumIsNotItsOrdinal() {
            assertThat(code("{\"color\":1}", Part.class)).isEqualTo("payload.mismatch");
            assertThat(code("{\"color\":\"BLUE\"}", Part.class)).isEqualTo("payload.mismatch");
        }

        @Test
        void aJsonNullIsNoPayload() {
            assertThat(code("null", Count.class)).isEqualTo("payload.null");
            assertThat(code("null", Object.class)).isEqualTo("payload.null");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "{", "{\"count\":1}}", "{\"count\":1} x", "{count:1}", "{\"count\":NaN}", "nul"})
        void malformedTextIsNamedSo(String json) {
            assertThat(code(json, Count.class)).isEqualTo("payload.malformed");
        }
    }

    @Nested
    class Attacks {

        @Test
        void input13_duplicateNames() {
            assertThat(code("{\"count\":1,\"count\":2}", Count.class)).isEqualTo("payload.malformed");
            assertThat(code("{\"a\":{\"b\":1,\"b\":2}}", Map.class)).isEqualTo("payload.malformed");
        }

        @ParameterizedTest
        @ValueSource(strings = {"\u00c0\u00af", "\u00ed\u00a0\u0080", "\u00e2\u0082"})
        void input19_invalidUtf8(String bytes) {
            var data = Bytes.wrap(("{\"a\":\"" + bytes + "\"}").getBytes(ISO_8859_1));

            assertThatExceptionOfType(ContractException.class)
                    .isThrownBy(() -> codec.decode(data, Map.class))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo("invalid.utf8"));
        }

        @Test
        void input20_aByteOrderMarkIsSkipped() {
            assertThat(codec.decode(Bytes.utf8("\ufeff{\"count\":1}"), Count.class))
                    .isEqualTo(new Count(1));
        }

        @Test
        void input30_size() {
            assertThat(code("\"" + "x".repeat(LIMIT) + "\"", String.class)).isEqualTo("payload.too.large");
            assertThatExceptionOfType(ContractException.class)
                    .isThrownBy(() -> codec.encode(Map.of("t", "x".repeat(LIMIT))))
                    .withMessageContaining("dataref")
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo("payload.too.large"));
        }

        @Test
        void input32_depth() {
            assertThat(code("[".repeat(64) + "]".repeat(64), Object.class)).isNull();
            assertThat(code("[".repeat(65) + "]".repeat(65), Object.class)).isEqualTo("payload.limit");
            assertThat(code("[".repeat(10_000) + "]".repeat(10_000), Object.class))
                    .isEqualTo("payload.limit");
            assertThat(code("{\"x\":" + "[".repeat(10_000), Count.class)).isEqualTo("payload.limit");
        }

        @ParameterizedTest
        @ValueSource(strings = {"1e999999999", "1e-999999999", "1e1001"})
        void input33_numbersThatExplodeLater(String number) {
            assertThat(code("{\"amount\":" + number + "}", Money.class)).isEqualTo("payload.limit");
            assertThat(code("{\"any\":" + number + "}", Map.class)).isEqualTo("payload.limit");
            assertThat(code("[" + number + "]", Object.class)).isEqualTo("payload.limit");
        }

        @Test
        void input33_aMillionDigits() {
            assertThat(code("{\"any\":" + "1".repeat(1_000_000) + "}", Map.class))
                    .isEqualTo("payload.limit");
        }

        @Test
        void input33_infinitiesBothWays() {
            assertThat(code("{\"ratio\":1e400}", Bean.class)).isEqualTo("payload.limit");
            var bean = new Bean();
            bean.ratio = Double.NaN;
            assertThatExceptionOfType(ContractException.class).isThrownBy(() -> codec.encode(bean));
            bean.ratio = 0;
            bean.series = new double[] {1, Double.POSITIVE_INFINITY};
            assertThatExceptionOfType(ContractException.class).isThrownBy(() -> codec.encode(bean));
            assertThatExceptionOfType(ContractException.class).isThrownBy(() -> codec.encode(Map.of("f", Float.NaN)));
        }

        @Test
        void input34_tokensAndNames() {
            assertThat(code("[" + "1,".repeat(400_000) + "1]", Object.class)).isEqualTo("payload.limit");
            assertThat(code("{\"" + "n".repeat(100_000) + "\":1}", Map.class)).isEqualTo("payload.limit");
            var names =
                    IntStream.range(0, 200_000).mapToObj(i -> "\"" + i + "\":1").collect(Collectors.joining(","));
            assertThat(code("{" + names.substring(0, LIMIT - 100).replaceAll(",[^,]*$", "") + "}", Map.class))
                    .isIn(null, "payload.limit");
        }

        @Test
        void noClassIsMadeBecauseTheDataNamesIt() {
            assertThat(code("{\"any\":{\"@class\":\"java.util.HashMap\"}}", Open.class))
                    .isNotNull();
            assertThat(code("{\"any\":{\"@class\":\"javax.swing.JEditorPane\"}}", Open.class))
                    .isNotNull();
            assertThat(map("{\"@class\":\"java.net.URL\"}")).isExactlyInstanceOf(LinkedHashMap.class);
        }

        @Test
        void anObjectThatRefersToItself() {
            assertThatExceptionOfType(ContractException.class).isThrownBy(() -> codec.encode(new Node()));
        }
    }

    private String code(String json, Type type) {
        try {
            codec.decode(Bytes.utf8(json), type);
            return null;
        } catch (ContractException refused) {
            return refused.code();
        }
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> map(String json) {
        return (Map<String, Object>) codec.decode(Bytes.utf8(json), Map.class);
    }
}
