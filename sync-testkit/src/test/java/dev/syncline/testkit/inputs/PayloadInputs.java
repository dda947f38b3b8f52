package dev.syncline.testkit.inputs;

import static dev.syncline.testkit.inputs.Gets.deadLetter;
import static dev.syncline.testkit.inputs.Gets.handled;
import static dev.syncline.testkit.inputs.Gets.passed;
import static dev.syncline.testkit.inputs.Gets.quarantine;
import static dev.syncline.testkit.inputs.Gets.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Event;
import dev.syncline.spi.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

/** Inputs 17 to 25 and 30 to 36: what is wrong with data, or too much of it. */
final class PayloadInputs {

    private static final int MIB = 1 << 20;

    private PayloadInputs() {}

    static final List<Input> TYPES = List.of(
            handled(
                    17,
                    "`application/x-foo`, to a method that takes bytes",
                    g -> g.type("image").header("content-type", "application/x-foo")),
            deadLetter(
                    17,
                    "`application/x-foo`, to a method that takes an object",
                    "no.codec",
                    g -> g.product().header("content-type", "application/x-foo")),
            deadLetter(
                    18,
                    "JSON in UTF-16",
                    "unsupported.charset",
                    g -> g.product()
                            .header("content-type", "application/json; charset=UTF-16")
                            .data(Bytes.wrap(g.json().getBytes(StandardCharsets.UTF_16)))),
            deadLetter(
                    18,
                    "JSON in ISO-8859-1",
                    "unsupported.charset",
                    g -> g.product().header("content-type", "application/json; charset=ISO-8859-1")),
            deadLetter(
                    19,
                    "UTF-8 in a header, overlong",
                    "invalid.utf8",
                    g -> g.product().header("ce_tenant", bytes('a', 0xc0, 0xaf))),
            deadLetter(
                    19,
                    "UTF-8 in data, overlong",
                    "invalid.utf8",
                    g -> g.product().data(with(g, 0xc0, 0xaf))),
            deadLetter(
                    19,
                    "UTF-8 in data, surrogates (CESU-8)",
                    "invalid.utf8",
                    g -> g.product().data(with(g, 0xed, 0xa0, 0x81, 0xed, 0xb0, 0x80))),
            deadLetter(
                    19,
                    "UTF-8 in data, cut off",
                    "invalid.utf8",
                    g -> g.product().data(with(g, 0xe2, 0x82))),
            quarantine(19, "UTF-8 in a document, overlong", "invalid.utf8", g -> g.structured(with(g, 0xc0, 0xaf))),
            handled(20, "byte order mark before the data", g -> g.product().data("\ufeff" + g.json())),
            handled(20, "byte order mark before the document", g -> g.structured("\ufeff" + g.document(""))),
            passed(21, "type that no method takes", "settled, without an attempt", g -> g.type("unheard")),
            handled(
                    22,
                    "newer `dataversion`, to a method that takes a map",
                    g -> g.type("noted").header("ce_dataversion", "9")),
            deadLetter(
                    23,
                    "newer `dataversion` than any class is known for",
                    "unsupported.version",
                    g -> g.product().header("ce_dataversion", "9")),
            handled(
                    24,
                    "older version with a mapper",
                    "lifted, then handled",
                    g -> g.type("changed")
                            .data("{\"sku\":\"" + g.key() + "\",\"revision\":1,\"name\":\"" + g.canary() + "\"}"),
                    event -> assertThat(event.payload()).isInstanceOf(Catalog.Product.class)),
            Input.own(
                    24,
                    "older version that is declared, without a mapper",
                    "start refused, naming both classes",
                    SchemaInputs::aVersionWithoutMapper),
            deadLetter(
                    25,
                    "data that breaks its schema",
                    "contract.violated",
                    ", naming JSON pointers and no values",
                    g -> g.type("priced").data("{\"title\":\"" + g.canary() + "\",\"cents\":-1}"),
                    letter -> assertThat(letter.reason()).contains("/cents")),
            refused(
                    25,
                    "data that breaks its schema",
                    "contract.violated",
                    (publisher, g) -> publisher.publish(
                            Event.of("catalog.product.priced", Map.of("cents", -1, "title", g.canary()))
                                    .withKey(g.key()))));

    static final List<Input> SIZES = List.of(
            refused(30, "50 MB", "payload.too.large", (publisher, g) -> publisher.publish(note(g, 50 * MIB))),
            refused(30, "a byte over 1 MiB", "payload.too.large", (publisher, g) -> publisher.publish(note(g, MIB))),
            deadLetter(
                    30,
                    "2 MiB from a foreign program",
                    "payload.too.large",
                    g -> g.product().data(text(g, 2 * MIB))),
            Input.own(
                    31,
                    "event over the broker's limit and under ours",
                    "dead letter of `relay:<broker>`; its key waits in the outbox's park store, the relay ships the others",
                    DiskInputs::anEventThatTheBrokerRefuses),
            deadLetter(
                    32,
                    "10,000 arrays within each other",
                    "payload.limit",
                    g -> g.product().data(member(g, "[".repeat(10_000) + "]".repeat(10_000)))),
            quarantine(
                    32,
                    "the same in a document",
                    "envelope.limit",
                    g -> g.structured(g.documentOf("\"data\":" + "[".repeat(10_000) + "]".repeat(10_000)))),
            deadLetter(
                    33,
                    "a number of 1,000,000 digits",
                    "payload.limit",
                    g -> g.type("noted").data(member(g, "9".repeat(1_000_000)))),
            deadLetter(
                    33, "`1e999999999`", "payload.limit", g -> g.type("noted").data(member(g, "1e999999999"))),
            deadLetter(33, "`NaN`", "payload.malformed", g -> g.type("noted").data(member(g, "NaN"))),
            refused(
                    33,
                    "`NaN`",
                    "payload.unencodable",
                    (publisher, g) -> publisher.publish(
                            Event.of("catalog.product.noted", Map.of("title", g.canary(), "n", Double.NaN))
                                    .withKey(g.key()))),
            deadLetter(
                    34,
                    "an array of 500,000 elements",
                    "payload.limit",
                    g -> g.type("noted").data(member(g, "[1" + ",1".repeat(499_999) + "]"))),
            deadLetter(
                    34,
                    "a name of 1,000,000 characters",
                    "payload.limit",
                    g -> g.type("noted")
                            .data("{\"title\":\"" + g.canary() + "\",\"" + "n".repeat(1_000_000) + "\":1}")),
            handled(34, "16,384 names of one hash", g -> g.type("noted").data(sameHash(14))),
            deadLetter(35, "10,000 headers", "too.many.headers", g -> many(g.product())),
            deadLetter(
                    35,
                    "1 MB of headers",
                    "too.many.headers",
                    g -> g.product().header("ce_large", "x".repeat(1_000_000))),
            quarantine(
                    35,
                    "a document with 10,000 attributes",
                    "envelope.limit",
                    g -> g.structured(g.document(IntStream.range(0, 10_000)
                            .mapToObj(i -> "\"a" + i + "\":1,")
                            .collect(Collectors.joining())))),
            deadLetter(
                    36,
                    "a gzip bomb as `content-encoding`",
                    "invalid.utf8",
                    g -> g.product().header("content-encoding", "gzip").data(bomb())));

    private static Event<?> note(Given names, int size) {
        return Event.of("catalog.product.noted", Map.of("title", names.canary(), "large", "x".repeat(size)))
                .withKey(names.key());
    }

    private static String text(Given names, int size) {
        return "{\"sku\":\"a\",\"revision\":1,\"title\":\"" + names.canary() + "x".repeat(size) + "\"}";
    }

    private static String member(Given names, String value) {
        return "{\"sku\":\"a\",\"revision\":1,\"title\":\"" + names.canary() + "\",\"n\":" + value + "}";
    }

    /** The canary in JSON, and these bytes in its text. */
    private static Bytes with(Given names, int... broken) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(("{\"title\":\"" + names.canary()).getBytes(StandardCharsets.UTF_8));
        out.writeBytes(bytes(broken).toByteArray());
        out.writeBytes("\"}".getBytes(StandardCharsets.UTF_8));
        return Bytes.wrap(out.toByteArray());
    }

    private static Bytes bytes(int... values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return Bytes.wrap(bytes);
    }

    /** "Aa" and "BB" hash alike, and so does every row of them. */
    private static String sameHash(int pairs) {
        return IntStream.range(0, 1 << pairs)
                .mapToObj(n -> IntStream.range(0, pairs)
                        .mapToObj(bit -> (n >> bit & 1) == 0 ? "Aa" : "BB")
                        .collect(Collectors.joining("", "\"", "\":1")))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static Foreign many(Foreign record) {
        for (int i = 0; i < 10_000; i++) {
            record.another("h" + i, Bytes.utf8("x"));
        }
        return record;
    }

    /** 100 MB of zeros in 100 kB. */
    private static Bytes bomb() {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            var block = new byte[MIB];
            for (int i = 0; i < 100; i++) {
                gzip.write(block);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return Bytes.wrap(out.toByteArray());
    }
}
