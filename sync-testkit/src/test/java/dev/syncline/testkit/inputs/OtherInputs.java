package dev.syncline.testkit.inputs;

import static dev.syncline.testkit.inputs.Gets.badKey;
import static dev.syncline.testkit.inputs.Gets.deadLetter;
import static dev.syncline.testkit.inputs.Gets.handled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Event;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.Bytes;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/** Inputs 41 to 44, 53 to 59, 61, 62 and 64: other sources, brokers, settings, logs, clocks. */
final class OtherInputs {

    private static final String WEBHOOKS = "there is no webhook source";
    private static final String DEBEZIUM = "there is no Debezium source";
    private static final String REGISTRY =
            "there is no schema registry; schemas come from the class path or a directory";
    private static final String HOSTILE = "\u001b[2J\r\nERROR forged ${jndi:ldap://127.0.0.1/x}\u202e";

    private OtherInputs() {}

    static final List<Input> WEBHOOK = List.of(
            Input.later(41, "webhook timestamp skewed, missing, no number", WEBHOOKS),
            Input.later(42, "webhook signature wrong, short, missing, a thousand of them", WEBHOOKS),
            Input.later(43, "webhook request again, at once or after three days", WEBHOOKS),
            Input.later(44, "webhook body without end, slow, of the wrong length, compressed", WEBHOOKS));

    static final List<Input> SOURCES = List.of(
            Input.later(53, "Debezium: unknown `op`, `u` without `after`, changed key, truncate, TOAST", DEBEZIUM),
            Input.later(54, "row whose key has another type in backfill and log", DEBEZIUM),
            Input.later(55, "registry framing: short, wrong magic, unknown id", REGISTRY),
            Input.later(56, "registry down, 429, HTML, redirect", REGISTRY));

    static final List<Input> BROKERS = List.of(
            Input.own(57, "topic that is missing", "start refused, naming it", OtherInputs::aMissingTopic),
            Input.own(
                    57,
                    "topic that is denied while it is used",
                    "it waits, said in health, others go on; it goes on once it is allowed",
                    OtherInputs::aDeniedTopic),
            Input.elsewhere(
                    57,
                    "permission, stream type, read-only replica of real servers",
                    "start refused by name; at work that destination waits",
                    "RefusalBehaviours",
                    "AccessTest",
                    "KafkaSecurityTest",
                    "RelayDutyTest"),
            Input.elsewhere(
                    58,
                    "position out of range, or beyond the end",
                    "that partition stops, said; never a jump",
                    "RefusalBehaviours",
                    "LossTest",
                    "KafkaReadingTest"),
            Input.elsewhere(
                    58, "metadata of another tool beside a position", "ignored, with a warning", "IngestDutyTest"),
            Input.elsewhere(
                    59,
                    "Redis entry with odd fields",
                    "quarantine; the partition goes on",
                    "EntryMappingTest",
                    "BadInputBehaviours"),
            Input.elsewhere(
                    59,
                    "Redis entry deleted while pending, group or stream gone",
                    "acknowledged with an alarm; group made anew where it stood; a lost stream stops",
                    "LossTest"));

    static final List<Input> SETTINGS = List.of(Input.own(
            61,
            "settings: unknown key, negative duration, one id twice, a password in the URI, all at once",
            "start refused with all of them, each with its cure; no secret in it",
            OtherInputs::wrongSettings));

    static final List<Input> LOGS = List.of(
            handled(
                    62,
                    "a lookup and bidi controls in a key",
                    g -> g.product().header("ce_partitionkey", g.key() + "${jndi:ldap://127.0.0.1/x}\u202e")),
            deadLetter(
                    62,
                    "a lookup and bidi controls in a key, of a dead letter",
                    "payload.malformed",
                    g -> g.product()
                            .header("ce_partitionkey", g.key() + "${jndi:ldap://127.0.0.1/x}\u202e")
                            .key(g.key() + "${jndi:ldap://127.0.0.1/x}\u202e")
                            .data("{")),
            badKey(
                    62,
                    "escape sequences and line ends in a key",
                    "invalid.attribute",
                    g -> g.product()
                            .header("ce_partitionkey", g.key() + HOSTILE)
                            .key(g.key() + HOSTILE)),
            deadLetter(
                    62,
                    "escape sequences and line ends in a type",
                    "invalid.attribute",
                    g -> g.product().header("ce_type", HOSTILE)),
            deadLetter(
                    62,
                    "escape sequences and line ends in a header's name",
                    "invalid.utf8",
                    g -> g.product().header("x" + HOSTILE, Bytes.wrap(new byte[] {(byte) 0xff}))),
            HandlerInputs.dead(
                    62,
                    "100,000 characters and escape sequences in an exception and its cause",
                    "handler.failed",
                    names -> new Moods.Told(names.key(), "forges", names.canary())),
            HandlerInputs.dead(
                    62,
                    "escape sequences in the reason of a handler",
                    "rejected",
                    names -> new Moods.Told(names.key(), "rejects", names.canary())));

    static final List<Input> CLOCKS = List.of(Input.own(
            64,
            "wall clock that jumps two days back and a year ahead while a key waits",
            "attempts come by their pauses, no more and no later",
            OtherInputs::aClockThatJumps));

    private static void aMissingTopic(Path directory) {
        var builder = Sync.builder("other")
                .dataDirectory(directory)
                .broker(new InMemoryBroker(), "memory:")
                .handler("items", "stock.item.noted", (event, delivery) -> Outcome.done());
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(builder::start)
                .withMessageContaining("stock.item");
    }

    private static void aDeniedTopic(Path directory) {
        var broker = new InMemoryBroker();
        broker.createTopic("stock.item", 1);
        broker.createTopic("stock.shelf", 1);
        var seen = new CopyOnWriteArrayList<String>();
        try (var sync = Sync.builder("other")
                .dataDirectory(directory)
                .broker(broker, "memory:")
                .handler("items", "stock.item.noted", (event, delivery) -> seen(seen, event))
                .handler("shelves", "stock.shelf.noted", (event, delivery) -> seen(seen, event))
                .start()) {
            broker.denyTopic("stock.item");
            sync.publisher().publish(Event.of("stock.item.noted", Map.of()).withKey("denied"));
            sync.publisher().publish(Event.of("stock.shelf.noted", Map.of()).withKey("other"));
            House.await("the other", () -> seen.contains("other"));
            House.await(
                    "health",
                    () -> sync.health().problems().stream().anyMatch(problem -> problem.contains("stock.item")));
            assertThat(seen).containsExactly("other");
        }
        broker.allowTopic("stock.item");
        try (var sync = Sync.builder("other")
                .dataDirectory(directory)
                .broker(broker, "memory:")
                .handler("items", "stock.item.noted", (event, delivery) -> seen(seen, event))
                .handler("shelves", "stock.shelf.noted", (event, delivery) -> seen(seen, event))
                .start()) {
            House.await("what was denied", () -> seen.contains("denied"));
            assertThat(sync.health().isUp()).isTrue();
        }
    }

    private static Outcome seen(List<String> seen, Event<?> event) {
        seen.add(event.key());
        return Outcome.done();
    }

    private static void wrongSettings(Path directory) {
        var builder = Sync.builder("other")
                .dataDirectory(directory)
                .broker("kafka+memory://user:s3cr3t@localhost?password=s3cr3t")
                .settings(Map.of(
                        "defaults.retri", "1s",
                        "defaults.retry-later", "-1s",
                        "handlers.nobody.retry", "1s",
                        "brokers.default.options.password", "s3cr3t"))
                .handler("items", "stock.item.noted", (event, delivery) -> Outcome.done())
                .handler("items", "stock.shelf.noted", (event, delivery) -> Outcome.done());
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(builder::start)
                .satisfies(refused -> assertThat(refused.getMessage())
                        .contains("defaults.retri", "defaults.retry-later", "-1s", "nobody", "items")
                        .doesNotContain("s3cr3t"));
    }

    private static void aClockThatJumps(Path directory) {
        var now = new AtomicReference<>(Instant.parse("2026-03-29T00:59:00Z")); // a minute before Europe's summer time
        var attempts = new CopyOnWriteArrayList<Integer>();
        try (var sync = Sync.builder("other")
                .dataDirectory(directory)
                .broker("local:")
                .clock(now::get)
                .settings(Map.of("defaults.retry", "50ms 50ms", "defaults.retry-later", "100ms 100ms 1h"))
                .handler("items", "stock.item.noted", (event, delivery) -> {
                    attempts.add(delivery.attempt());
                    now.set(
                            attempts.size() % 2 == 1
                                    ? now.get().minus(Duration.ofDays(2))
                                    : now.get().plus(Duration.ofDays(366)));
                    throw new IllegalStateException("on purpose");
                })
                .start()) {
            sync.publisher().publish(Event.of("stock.item.noted", Map.of()).withKey("k"));
            House.await("five attempts", () -> attempts.size() >= 5);
            now.set(Instant.parse("2026-03-29T01:00:00Z").minus(Duration.ofDays(800)));
            sync.publisher().publish(Event.of("stock.item.noted", Map.of()).withKey("k"));
            sync.awaitQuiet(House.PATIENCE);

            assertThat(attempts).as("and none in the hour that follows").hasSize(5);
        }
    }
}
