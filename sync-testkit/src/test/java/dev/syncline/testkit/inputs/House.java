package dev.syncline.testkit.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Event;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Redrive;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Health.HandlerHealth;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.InMemoryBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * A whole instance on the in-memory broker that all rows share, one partition, so that whatever is stuck there shows with
 * the next row. Rows put records on the broker as a foreign program would, or publish.
 */
final class House implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final TopicPartition PARTITION = new TopicPartition(Catalog.TOPIC, 0);

    private static final String GROUP = "house.shop";

    private final Path data;
    private final InMemoryBroker broker = new InMemoryBroker();
    private final Catalog.Shop shop = new Catalog.Shop();
    private final Moods.Moody moody = new Moods.Moody();
    private final Sync sync;
    private final AtomicInteger names = new AtomicInteger();

    House(Path directory) throws IOException {
        data = directory.resolve("data");
        var schemas = directory.resolve("schemas");
        for (var schema : Catalog.SCHEMAS.entrySet()) {
            var file = schemas.resolve(schema.getKey()).resolve("1.json");
            Files.createDirectories(file.getParent());
            Files.writeString(file, schema.getValue());
        }
        broker.createTopic(Catalog.TOPIC, 1);
        broker.createTopic(Moods.TOPIC, 1);
        sync = Sync.builder("house")
                .broker(broker, "memory:")
                .dataDirectory(data)
                .settings(Map.of( // every row is bad: what stops a handler for that would stop the next row
                        "defaults.breaker", "off",
                        "defaults.dead-letter-brake", "off",
                        "defaults.retry", "none",
                        "defaults.retry-later", "none",
                        "defaults.concurrency", "2",
                        "handlers.moody.concurrency", "1",
                        "contracts.directory", schemas.toString()))
                .handlers(shop, moody)
                .mappers(new Catalog.Mappers())
                .start();
    }

    Sync sync() {
        return sync;
    }

    Moods.Moody moody() {
        return moody;
    }

    /** The one lane of the moody handler goes on, as if nothing had been. */
    void awaitCalm() {
        var names = given(50);
        sync.publisher().publish(new Moods.Told(names.key(), "calm", names.canary()));
        await("calm " + names, () -> moody.done.contains(names.key()));
        assertThat(moody.faults).isEmpty();
    }

    /** Names that no other row uses. */
    Given given(int number) {
        return new Given(number + "-" + names.incrementAndGet());
    }

    Position store(Foreign record) {
        return broker.store(PARTITION, record.key(), record.headers(), record.data());
    }

    /** Stores a sound event of a key. */
    Given storeSound(int number) {
        var sound = given(number);
        store(sound.product());
        return sound;
    }

    /** A sound event, of a key that no other has, is handled: the loop lives and the partition goes on. */
    void assertOthersGoOn(int number) {
        awaitHandled(storeSound(number).id());
    }

    Optional<Event<?>> handled(String id) {
        return shop.seen.stream().filter(event -> event.id().equals(id)).findFirst();
    }

    /** Awaits, looking often: rows are many and short. */
    static void await(String what, Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(condition);
    }

    Event<?> awaitHandled(String id) {
        await("event " + id, () -> handled(id).isPresent());
        return handled(id).orElseThrow();
    }

    long timesHandled(String id) {
        return shop.seen.stream().filter(event -> event.id().equals(id)).count();
    }

    HandlerHealth health() {
        return sync.health().handlers().get("shop");
    }

    /** The position was acknowledged: what stood there is settled in whatever way. */
    void awaitSettled(Position position) {
        await(
                "position " + position,
                () -> broker.acknowledged(GROUP, PARTITION)
                        .filter(done -> done.position().compareTo(position) >= 0)
                        .isPresent());
    }

    Optional<DeadLetter> letter(Position position) {
        return sync.deadLetters().list(Selection.all(), null, 1000).stream()
                .filter(letter -> letter.position().equals(position))
                .findFirst();
    }

    DeadLetter awaitLetter(Position position, int behind) {
        await(
                "dead letter of " + position,
                () -> letter(position)
                        .filter(letter -> letter.lettersBehind() == behind)
                        .isPresent());
        return letter(position).orElseThrow();
    }

    /** Read again from the store it is as bad as it was, for the same reason. */
    void assertStaysBad(DeadLetter letter) throws Exception {
        var one = Selection.all().ofKey(letter.topic(), letter.key()).withCode(letter.code());
        var would = sync.deadLetters()
                .redrive(one, Redrive.dryRun())
                .toCompletableFuture()
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(would.selected()).isPositive();
        assertThat(would.refused()).containsOnlyKeys(letter.code());
    }

    void skip(DeadLetter letter) throws Exception {
        assertThat(sync.deadLetters()
                        .skip(letter, "the table", "it was seen")
                        .toCompletableFuture()
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    void drop(DeadLetter letter) throws Exception {
        assertThat(sync.deadLetters()
                        .drop(letter, "the table", "it was seen")
                        .toCompletableFuture()
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isPositive();
    }

    /** What was parked lies in the park store byte for byte. */
    void assertKeptOnDisk(Bytes bytes) throws IOException {
        var wanted = new String(bytes.toByteArray(), StandardCharsets.ISO_8859_1);
        try (var files = Files.walk(data.resolve("park"))) {
            assertThat(files.filter(Files::isRegularFile))
                    .as("files of the park store")
                    .anyMatch(file -> contains(file, wanted));
        }
    }

    private static boolean contains(Path file, String wanted) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains(wanted);
        } catch (IOException unreadable) {
            return false;
        }
    }

    @Override
    public void close() {
        sync.close();
    }
}
