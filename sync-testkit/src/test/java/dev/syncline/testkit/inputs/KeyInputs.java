package dev.syncline.testkit.inputs;

import static dev.syncline.testkit.inputs.Gets.badKey;
import static dev.syncline.testkit.inputs.Gets.deadLetter;
import static dev.syncline.testkit.inputs.Gets.handled;
import static dev.syncline.testkit.inputs.Gets.quarantine;
import static dev.syncline.testkit.inputs.Gets.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.syncline.api.Event;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.Bytes;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Inputs 37 to 48: keys, times, repeats and versions. */
final class KeyInputs {

    private KeyInputs() {}

    static final List<Input> ROWS = List.of(
            handled(
                    37,
                    "no key at all",
                    "handled, in no order with others",
                    g -> g.product().without("ce_partitionkey").key(""),
                    event -> assertThat(event.key()).isEmpty()),
            quarantine(
                    37,
                    "empty `partitionkey`",
                    "empty.attribute",
                    g -> g.product().header("ce_partitionkey", "")),
            badKey(
                    37,
                    "record key of 1 MB",
                    "key.too.long",
                    g -> g.product().without("ce_partitionkey").key(g.key() + "x".repeat(1_000_000))),
            quarantine(
                    37,
                    "record key that is no text",
                    "invalid.utf8",
                    g -> g.product().without("ce_partitionkey").key(Bytes.wrap(new byte[] {(byte) 0xff, (byte) 0xfe, 0
                    }))),
            refused(
                    37,
                    "empty key in the payload",
                    "no.key",
                    (publisher, g) -> publisher.publish(new Catalog.Product("", 1, g.canary()))),
            refused(
                    37,
                    "key of 2,000 characters",
                    "key.too.large",
                    (publisher, g) -> publisher.publish(new Catalog.Product("x".repeat(2000), 1, g.canary()))),
            new Input(37, "empty key by `withKey`", "refused at once", KeyInputs::anEmptyKey),
            new Input(
                    38,
                    "keys that only Unicode normalisation makes equal",
                    "two keys: what stops one leaves the other alone",
                    KeyInputs::twoNormalForms),
            handled(39, "`time` ten years ahead", g -> g.product().header("ce_time", "2036-01-01T00:00:00Z")),
            handled(39, "`time` of 1970", g -> g.product().header("ce_time", "1970-01-01T00:00:00Z")),
            handled(40, "`expirytime` in the past", g -> g.product().header("ce_expirytime", "2001-01-01T00:00:00Z")),
            Input.own(
                    40,
                    "`expirytime` in the past, where dropping is asked for",
                    "settled and counted as `expired`, not handled; a delete is handled",
                    KeyInputs::expired));

    static final List<Input> ONCE = List.of(
            new Input(45, "the same event twice", "handled once, counted as a duplicate", KeyInputs::twice),
            new Input(
                    46,
                    "another payload under an id that was applied",
                    "the first stands; dead letter `id.conflict`, said at ERROR and in health; its key waits",
                    KeyInputs::conflict),
            new Input(47, "the same id from another source", "two events, both handled", KeyInputs::anotherSource),
            new Input(48, "`entityversion` 5 after 3", "handled", KeyInputs::gap),
            new Input(48, "`entityversion` 3 after 5", "settled and counted as stale, not handled", KeyInputs::regress),
            deadLetter(
                    48,
                    "`entityversion` that is no number",
                    "invalid.entityversion",
                    g -> g.product().header("ce_entityversion", "seven")),
            deadLetter(
                    48,
                    "`entityversion` beyond 63 bits",
                    "invalid.entityversion",
                    g -> g.product().header("ce_entityversion", "9223372036854775808")),
            deadLetter(
                    48,
                    "negative `entityversion`",
                    "invalid.entityversion",
                    g -> g.product().header("ce_entityversion", "-1")),
            handled(48, "`sequence` of another system", g -> g.product().header("ce_sequence", "a-17")));

    private static void expired(Path directory) {
        var broker = new InMemoryBroker();
        broker.createTopic("stock.item", 1);
        var seen = new CopyOnWriteArrayList<String>();
        var past = "2001-01-01T00:00:00Z";
        try (var sync = Sync.builder("age")
                .broker(broker, "memory:")
                .dataDirectory(directory)
                .settings(Map.of("handlers.items.expired", "drop"))
                .handler("items", "stock.item.*", (event, delivery) -> {
                    seen.add(event.type() + " " + event.key());
                    return Outcome.done();
                })
                .start()) {
            var changed = Event.of("stock.item.changed", Map.of("count", 1));
            sync.publisher().publish(changed.withKey("old").withAttribute("expirytime", past));
            sync.publisher().publish(changed.withKey("new"));
            sync.publisher().publish(Event.delete("stock.item.removed", "old").withAttribute("expirytime", past));
            sync.awaitQuiet(House.PATIENCE);

            assertThat(seen).containsExactlyInAnyOrder("stock.item.changed new", "stock.item.removed old");
            assertThat(sync.health().handlers().get("items").skipped()).isEqualTo(Map.of("expired", 1L));
            assertThat(sync.deadLetters().count(Selection.all())).isZero();
        }
    }

    private static void anEmptyKey(House house, Path directory) {
        var event = Event.of("catalog.product.noted", "x");
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> event.withKey(""));
    }

    private static void twoNormalForms(House house, Path directory) throws Exception {
        var composed = house.given(38);
        var decomposed = house.given(38);
        var position = house.store(
                composed.product().header("ce_partitionkey", "caf\u00e9").data("{"));
        house.store(decomposed.product().header("ce_partitionkey", "cafe\u0301"));
        house.assertOthersGoOn(38);

        house.awaitHandled(decomposed.id());
        house.skip(house.awaitLetter(position, 0));
    }

    private static void twice(House house, Path directory) {
        var names = house.given(45);
        long before = house.health().duplicates();
        house.store(names.product());
        var position = house.store(names.product());
        house.assertOthersGoOn(45);

        house.awaitSettled(position);
        assertThat(house.timesHandled(names.id())).isEqualTo(1);
        assertThat(house.health().duplicates()).isEqualTo(before + 1);
    }

    private static void conflict(House house, Path directory) throws Exception {
        var names = house.given(46);
        house.store(names.product());
        var position = house.store(names.product().data(names.json().replace("\"revision\":1", "\"revision\":2")));
        house.assertOthersGoOn(46);

        var letter = house.awaitLetter(position, 0);
        assertThat(letter.code()).isEqualTo("id.conflict");
        assertThat(house.timesHandled(names.id())).isEqualTo(1);
        assertThat(((Catalog.Product) house.awaitHandled(names.id()).payload()).revision())
                .isEqualTo(1);
        assertThat(house.sync().health().isUp()).isFalse();
        assertThat(house.sync().health().problems()).anyMatch(problem -> problem.contains("id.conflict"));
        house.skip(letter);
    }

    private static void anotherSource(House house, Path directory) {
        var names = house.given(47);
        house.store(names.product());
        house.store(names.product().header("ce_source", "erp"));
        house.assertOthersGoOn(47);

        House.await("both", () -> house.timesHandled(names.id()) == 2);
    }

    private static void gap(House house, Path directory) {
        var first = house.given(48);
        var second = house.given(48);
        house.store(first.product().header("ce_entityversion", "3"));
        house.store(of(first, second.product()).header("ce_entityversion", "5"));
        house.assertOthersGoOn(48);

        house.awaitHandled(first.id());
        house.awaitHandled(second.id());
    }

    private static void regress(House house, Path directory) {
        var newer = house.given(48);
        var older = house.given(48);
        long before = house.health().stale();
        house.store(newer.product().header("ce_entityversion", "5"));
        var position = house.store(of(newer, older.product()).header("ce_entityversion", "3"));
        house.assertOthersGoOn(48);

        house.awaitSettled(position);
        house.awaitHandled(newer.id());
        assertThat(house.handled(older.id())).isEmpty();
        assertThat(house.health().stale()).isEqualTo(before + 1);
    }

    /** The record, about the entity of the other. */
    private static Foreign of(Given entity, Foreign record) {
        return record.header("ce_partitionkey", entity.key()).key(entity.key());
    }
}
