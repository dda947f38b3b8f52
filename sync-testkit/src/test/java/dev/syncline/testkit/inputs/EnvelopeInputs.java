package dev.syncline.testkit.inputs;

import static dev.syncline.testkit.inputs.Gets.deadLetter;
import static dev.syncline.testkit.inputs.Gets.handled;
import static dev.syncline.testkit.inputs.Gets.passed;
import static dev.syncline.testkit.inputs.Gets.quarantine;
import static dev.syncline.testkit.inputs.Gets.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Event;
import dev.syncline.spi.Bytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Inputs 1 to 16: what is wrong with an envelope or its document. */
final class EnvelopeInputs {

    private EnvelopeInputs() {}

    static final List<Input> ROWS = List.of(
            quarantine(
                    1,
                    "structured mode, JSON that breaks off",
                    "malformed.envelope",
                    g -> g.structured("{\"specversion\":\"1.0\",\"data\":\"" + g.canary())),
            quarantine(1, "structured mode, no JSON", "malformed.envelope", g -> g.structured(g.canary() + " no JSON")),
            quarantine(
                    1,
                    "structured mode, an array",
                    "malformed.envelope",
                    g -> g.structured("[\"" + g.canary() + "\"]")),
            quarantine(
                    1,
                    "structured mode, no document",
                    "malformed.envelope",
                    g -> g.structured("").noData()),
            deadLetter(
                    1,
                    "the same in a record with a key",
                    "malformed.envelope",
                    g -> g.structured(g.canary() + " no JSON").key(g.key())),
            handled(
                    2,
                    "null value with all headers",
                    "handled as a delete, though its type says nothing of one",
                    g -> g.product().noData(),
                    event -> assertThat(event.isDelete()).isTrue()),
            handled(
                    2,
                    "empty value, to a method that takes bytes",
                    "handled: empty data, no delete",
                    g -> g.type("image").data(""),
                    event -> assertThat((byte[]) event.payload()).isEmpty()),
            deadLetter(
                    2,
                    "empty value where JSON must be",
                    "payload.malformed",
                    g -> g.product().data("")),
            passed(
                    3,
                    "null value and no headers",
                    "passed over: a tombstone of another",
                    g -> new Foreign().key(g.key())),
            deadLetter(
                    4,
                    "no CloudEvent at all",
                    "not.a.cloudevent",
                    g -> new Foreign().key(g.key()).data(g.json())),
            quarantine(4, "no CloudEvent, and no key", "not.a.cloudevent", g -> new Foreign().data(g.json())),
            deadLetter(4, "no `id`", "missing.id", g -> g.product().without("ce_id")),
            deadLetter(4, "no `source`", "missing.source", g -> g.product().without("ce_source")),
            deadLetter(4, "no `type`", "missing.type", g -> g.product().without("ce_type")),
            deadLetter(5, "empty `id`", "empty.attribute", g -> g.product().header("ce_id", "")),
            deadLetter(5, "empty `source`", "empty.attribute", g -> g.product().header("ce_source", "")),
            deadLetter(5, "empty `type`", "empty.attribute", g -> g.product().header("ce_type", "")),
            deadLetter(5, "empty `subject`", "empty.attribute", g -> g.product().header("ce_subject", "")),
            deadLetter(
                    6,
                    "`specversion` 0.3",
                    "unsupported.specversion",
                    g -> g.product().header("ce_specversion", "0.3")),
            deadLetter(
                    6,
                    "`specversion` 2.0",
                    "unsupported.specversion",
                    g -> g.product().header("ce_specversion", "2.0")),
            deadLetter(
                    6,
                    "no `specversion`",
                    "unsupported.specversion",
                    g -> g.product().without("ce_specversion")),
            deadLetter(
                    7,
                    "`source` that is no URI reference",
                    "invalid.source",
                    g -> g.product().header("ce_source", "not a uri")),
            handled(7, "`source` that is a relative reference", g -> g.product().header("ce_source", "/crm/eu")),
            time("garbage", "yesterday", Instant.EPOCH),
            time("without offset", "2026-03-01T10:00:00", Instant.EPOCH),
            time("a leap second", "2016-12-31T23:59:60Z", Instant.EPOCH),
            time("the year 9999", "9999-12-31T23:59:59Z", Instant.parse("9999-12-31T23:59:59Z")),
            time("a year before Christ", "-0044-03-15T12:00:00Z", Instant.parse("-0044-03-15T12:00:00Z")),
            handled(
                    9,
                    "attribute names with upper case, `-` and `_`",
                    "handled: such headers are the transport's, not attributes",
                    g -> g.product()
                            .header("ce_Tenant", "x")
                            .header("ce_my-tenant", "y")
                            .header("ce_my_tenant", "z"),
                    event -> assertThat(event.attributes()).doesNotContainKeys("Tenant", "my-tenant", "my_tenant")),
            handled(
                    9,
                    "attribute name of 40 letters",
                    "handled, and kept",
                    g -> g.product().header("ce_" + "n".repeat(40), "x"),
                    event -> assertThat(event.attributes()).containsEntry("n".repeat(40), "x")),
            refused(
                    9,
                    "attribute name with upper case",
                    "attribute.illegal",
                    (publisher, g) -> publisher.publish(Event.fromAttributes(
                            Map.of("type", "catalog.product.noted", "partitionkey", g.key(), "My-Name", "x"),
                            Map.of("title", g.canary())))),
            handled(
                    10,
                    "extension integer beyond 32 bits",
                    "handled: kept as its text",
                    g -> g.structured(g.document("\"tally\":4294967296,")),
                    event -> assertThat(event.attributes()).containsEntry("tally", "4294967296")),
            deadLetter(
                    11,
                    "control character in an attribute",
                    "invalid.attribute",
                    g -> g.product().header("ce_tenant", "a\u0007b")),
            deadLetter(
                    11,
                    "NUL in an attribute",
                    "invalid.attribute",
                    g -> g.product().header("ce_tenant", "a\u0000b")),
            deadLetter(
                    11,
                    "lone surrogate in an attribute",
                    "invalid.attribute",
                    g -> g.structured(g.document("\"tenant\":\"\\ud800\",")).key(g.key())),
            refused(
                    11,
                    "control character in an attribute",
                    "attribute.illegal",
                    (publisher, g) -> publisher.publish(note(g).withAttribute("tenant", "a\r\nb"))),
            refused(
                    11,
                    "lone surrogate in an attribute",
                    "attribute.illegal",
                    (publisher, g) -> publisher.publish(note(g).withAttribute("tenant", "\ud800"))),
            deadLetter(
                    12,
                    "`id` twice, with different values",
                    "ambiguous.header",
                    g -> g.product().another("ce_id", Bytes.utf8("other"))),
            handled(12, "`id` twice, with one value", g -> g.product().another("ce_id", Bytes.utf8(g.id()))),
            quarantine(
                    13,
                    "member `id` twice in the document",
                    "malformed.envelope",
                    g -> g.structured(g.document("\"id\":\"other\","))),
            deadLetter(
                    13,
                    "a member twice in the data",
                    "payload.malformed",
                    g -> g.product()
                            .data("{\"sku\":\"a\",\"sku\":\"b\",\"revision\":1,\"title\":\"" + g.canary() + "\"}")),
            quarantine(
                    14,
                    "`data` and `data_base64`",
                    "malformed.envelope",
                    g -> g.structured(g.document("\"data_base64\":\"" + g.base64() + "\","))),
            quarantine(
                    14,
                    "`data_base64` that is not base64",
                    "malformed.envelope",
                    g -> g.structured(g.documentOf("\"data_base64\":\"" + g.canary() + "!\""))),
            handled(
                    15,
                    "`data` that is a JSON string with JSON in it",
                    "handled: still a string",
                    g -> g.structured(g.documentOf("\"data\":\"{\\\"a\\\":1}\"")),
                    event -> assertThat(new String((byte[]) event.payload(), StandardCharsets.UTF_8))
                            .isEqualTo("\"{\\\"a\\\":1}\"")),
            handled(
                    16,
                    "`Application/JSON; Charset=UTF-8`",
                    g -> g.product().header("content-type", "Application/JSON; Charset=UTF-8")),
            handled(
                    16,
                    "`Application/CloudEvents+JSON; Charset=UTF-8`",
                    g -> g.structured(g.document(""))
                            .header("content-type", "Application/CloudEvents+JSON; Charset=UTF-8")));

    static Event<?> note(Given names) {
        return Event.of("catalog.product.noted", Map.of("title", names.canary()))
                .withKey(names.key());
    }

    private static Input time(String what, String text, Instant read) {
        return handled(
                8,
                "`time` " + what,
                read.equals(Instant.EPOCH)
                        ? "handled: its time is the epoch, its text is kept, nothing hangs on it"
                        : "handled",
                g -> g.product().header("ce_time", text),
                event -> {
                    assertThat(event.time()).isEqualTo(read);
                    assertThat(event.attributes()).containsEntry("time", text);
                });
    }
}
