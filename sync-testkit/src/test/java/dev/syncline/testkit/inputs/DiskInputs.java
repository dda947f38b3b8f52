package dev.syncline.testkit.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Event;
import dev.syncline.api.OutboxException;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncException;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.InMemoryBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Inputs 31, 60 and 63: what the broker does not take, and what is wrong with the disk. */
final class DiskInputs {

    private static final String TYPE = "stock.item.noted";
    private static final int EVENTS = 20;

    private DiskInputs() {}

    static final List<Input> OUTBOX = List.of(
            Input.own(
                    60,
                    "outbox file cut off in its middle",
                    "what is before the cut is shipped; said",
                    directory -> damaged(directory, DiskInputs::cut)),
            Input.own(
                    60,
                    "outbox file with a tail of zeros",
                    "what is before it is shipped; said",
                    directory -> damaged(directory, DiskInputs::zero)),
            Input.own(60, "file of another program in the outbox", "left alone, everything is shipped", directory -> {
                filled(directory);
                Files.writeString(outbox(directory).resolve("notes.txt"), "not ours");
                assertThat(shipped(directory)).hasSize(EVENTS);
            }),
            Input.own(60, "data directory that cannot be made", "start refused, naming it", DiskInputs::noDirectory),
            Input.own(
                    60,
                    "outbox of another instance, copied over ours",
                    "start refused, naming both",
                    DiskInputs::anothersOutbox),
            Input.own(
                    60,
                    "data directory put back from a backup",
                    "new events are numbered under a new id, so that they are no repeats",
                    DiskInputs::backup),
            Input.own(
                    60,
                    "data directory deleted while it is in use",
                    "publishing is refused from then on, health is DOWN; what was not shipped is gone with the files",
                    DiskInputs::deletedDirectory),
            Input.own(
                    60,
                    "file of a newer release",
                    "start refused, naming file and version; nothing is changed",
                    DiskInputs::newerFile),
            Input.elsewhere(
                    60,
                    "each kind of file, of a newer release and of an earlier one",
                    "refused by its name; gone on with",
                    "GoldenDirectoryTest"));

    static final Input FULL = Input.own(
            63,
            "park store that the disk refuses",
            "its key waits in memory and holds back its partition, others go on, health is DOWN; parked once the disk does",
            DiskInputs::aStoreThatIsDown);

    // --- 31

    static void anEventThatTheBrokerRefuses(Path directory) {
        var broker = InMemoryBroker.builder().maxMessageBytes(64 * 1024).build();
        broker.createTopic("stock.item", 1);
        var seen = new CopyOnWriteArrayList<String>();
        try (var sync = Sync.builder("disk")
                .dataDirectory(directory)
                .broker(broker, "memory:")
                .handler("items", TYPE, (event, delivery) -> done(seen, event))
                .start()) {
            sync.publisher().publish(event(TYPE, "before"));
            sync.publisher()
                    .publish(
                            Event.of(TYPE, Map.of("large", "x".repeat(100_000))).withKey("large"));
            sync.publisher().publish(event(TYPE, "large"));
            sync.publisher().publish(event(TYPE, "after"));
            House.await("the others", () -> seen.containsAll(List.of("before", "after")));
            House.await(
                    "the letter",
                    () -> sync.deadLetters().list(Selection.all(), null, 10).stream()
                            .anyMatch(letter -> letter.key().equals("large") && letter.lettersBehind() == 1));

            assertThat(sync.deadLetters().list(Selection.all(), null, 10))
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.handler()).isEqualTo("relay:default"));
            assertThat(seen).doesNotContain("large");
        }
    }

    private static Event<?> event(String type, String key) {
        return Event.of(type, Map.of("n", 1)).withKey(key);
    }

    private static Outcome done(List<String> seen, Event<?> event) {
        seen.add(event.key());
        return Outcome.done();
    }

    // --- 60

    private static Sync.Builder on(InMemoryBroker broker, Path directory) {
        return Sync.builder("disk")
                .dataDirectory(directory.resolve("data"))
                .broker(broker, "memory:?topics.create=true&topics.partitions=1")
                .route("stock.item.*", "default", "stock.item");
    }

    /** A directory with events that no broker has yet. */
    private static void filled(Path directory) {
        var broker = new InMemoryBroker();
        broker.stop();
        try (var sync = on(broker, directory).start()) {
            for (int i = 0; i < EVENTS; i++) {
                sync.publisher().publish(event(TYPE, "k" + i));
            }
        }
    }

    /** What a broker has after a start on that directory. */
    private static List<String> shipped(Path directory) {
        var broker = new InMemoryBroker();
        broker.createTopic("stock.item", 1);
        try (var sync = on(broker, directory).start()) {
            sync.publisher().publish(event(TYPE, "new"));
            House.await("the new one", () -> keys(broker).contains("new"));
            var keys = keys(broker);
            if (keys.size() <= EVENTS) {
                assertThat(sync.health().problems()).as("what is lost is said").isNotEmpty();
            }
            return keys.subList(0, keys.size() - 1);
        }
    }

    private static List<String> keys(InMemoryBroker broker) {
        return broker.messages("stock.item").stream()
                .map(received -> received.message().key())
                .toList();
    }

    private static Path outbox(Path directory) {
        return directory.resolve("data/outbox");
    }

    /** Does something to the file of the outbox. */
    @FunctionalInterface
    private interface Damage {
        void to(Path file) throws IOException;
    }

    private static void damaged(Path directory, Damage damage) throws IOException {
        filled(directory);
        try (var files = Files.list(outbox(directory))) {
            damage.to(files.filter(file -> file.toString().endsWith(".cq4"))
                    .findFirst()
                    .orElseThrow());
        }
        var keys = shipped(directory);
        assertThat(keys).hasSizeBetween(1, EVENTS - 1).doesNotHaveDuplicates();
        assertThat(keys)
                .as("in order, from the first")
                .containsExactlyElementsOf(Stream.iterate(0, i -> i + 1)
                        .limit(keys.size())
                        .map(i -> "k" + i)
                        .toList());
    }

    /** The file without the event in its middle and what is behind. */
    private static void cut(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, middle(bytes)));
    }

    /** The file with zeros from the event in its middle on. */
    private static void zero(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, middle(bytes), bytes.length, (byte) 0);
        Files.write(file, bytes);
    }

    private static int middle(byte[] bytes) {
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("k" + EVENTS / 2);
        assertThat(at).as("place of the event in the middle").isPositive();
        return at;
    }

    private static void noDirectory(Path directory) throws IOException {
        var file = Files.writeString(directory.resolve("data"), "a file is in the way");
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> on(new InMemoryBroker(), directory).start())
                .withMessageContaining(file.toString());
    }

    private static void anothersOutbox(Path directory) throws IOException {
        var theirs = Files.createDirectory(directory.resolve("theirs"));
        var ours = Files.createDirectory(directory.resolve("ours"));
        filled(theirs);
        filled(ours);
        try (var files = Files.list(outbox(theirs))) {
            for (var file : files.toList()) {
                Files.copy(
                        file,
                        outbox(ours).resolve(Objects.requireNonNull(file.getFileName())),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        assertThatExceptionOfType(SyncException.class)
                .isThrownBy(() -> on(new InMemoryBroker(), ours).start())
                .satisfies(refused -> assertThat(refused.getMessage()).containsPattern("[0-9a-f]{8}.*[0-9a-f]{8}"));
    }

    private static void backup(Path directory) throws IOException {
        filled(directory);
        var copy = Files.createDirectory(directory.resolve("copy"));
        copy(directory.resolve("data"), copy.resolve("data"));
        var broker = new InMemoryBroker();
        broker.createTopic("stock.item", 1);
        try (var sync = on(broker, copy).start()) {
            sync.publisher().publish(event(TYPE, "new"));
            House.await("the new one", () -> keys(broker).contains("new"));
        }
        var ids = broker.messages("stock.item").stream()
                .map(received -> received.message().attribute("outboxseq").substring(0, 32))
                .distinct()
                .toList();
        assertThat(ids).as("one of before, one of after").hasSize(2);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static void deletedDirectory(Path directory) throws IOException {
        var broker = new InMemoryBroker();
        broker.createTopic("stock.item", 1);
        broker.stop();
        try (var sync = on(broker, directory).start()) {
            sync.publisher().publish(event(TYPE, "before"));
            House.await("deletion", () -> isDeleted(directory.resolve("data")));
            House.await("refusal", () -> isRefused(sync));

            assertThat(sync.health().isUp()).isFalse();
            assertThat(sync.health().problems()).anyMatch(problem -> problem.contains("deleted while it was written"));
        }
    }

    /** Who is at work there may make a file just then: then it has to be looked again. */
    private static boolean isDeleted(Path directory) {
        try {
            delete(directory);
            return true;
        } catch (IOException meanwhile) {
            return !Files.exists(directory);
        }
    }

    private static boolean isRefused(Sync sync) {
        try {
            sync.publisher().publish(event(TYPE, "while it is not noticed"));
            return false;
        } catch (OutboxException refused) {
            return refused.getMessage() != null && refused.getMessage().contains("deleted while it was written");
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> all;
        try (var files = Files.walk(directory)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (var file : all) {
            Files.delete(file);
        }
    }

    private static void newerFile(Path directory) throws IOException {
        filled(directory);
        var file = directory.resolve("data/outbox.numbers");
        var newer = Files.readString(file).replaceFirst("syncline-numbers \\d+", "syncline-numbers 99");
        Files.writeString(file, newer);
        assertThatExceptionOfType(SyncException.class)
                .isThrownBy(() -> on(new InMemoryBroker(), directory).start())
                .withMessageContaining("outbox.numbers")
                .withMessageContaining("99");
        assertThat(Files.readString(file)).isEqualTo(newer);
    }

    // --- 63

    private static void aStoreThatIsDown(Path directory) throws IOException {
        var broker = new InMemoryBroker();
        broker.createTopic("stock.item", 1);
        var partition = new TopicPartition("stock.item", 0);
        var seen = new CopyOnWriteArrayList<String>();
        var inTheWay = directory.resolve("data/park/items");
        Files.createDirectories(directory.resolve("data/park"));
        Files.writeString(inTheWay, "a file where the store would be");
        try (var sync = on(broker, directory)
                .settings(Map.of("defaults.retry", "none", "defaults.retry-later", "none"))
                .handler(
                        "items",
                        TYPE,
                        (event, delivery) ->
                                event.key().equals("bad") ? Outcome.reject("not wanted") : done(seen, event))
                .start()) {
            sync.publisher().publish(event(TYPE, "bad"));
            sync.publisher().publish(event(TYPE, "good"));
            House.await("the other", () -> seen.contains("good"));
            House.await("health", () -> !sync.health().isUp());

            assertThat(sync.health().handlers().get("items").blockedKeys())
                    .extracting(blocked -> blocked.key())
                    .containsExactly("bad");
            assertThat(broker.acknowledged("disk.items", partition))
                    .as("nothing is passed")
                    .isEmpty();
            assertThat(sync.deadLetters().count(Selection.all())).isZero();

            Files.delete(inTheWay);
            House.await("the letter", () -> sync.deadLetters().count(Selection.all()) == 1);
            House.await(
                    "both are passed",
                    () -> broker.acknowledged("disk.items", partition)
                            .filter(done -> done.position().major() == 1)
                            .isPresent());
        }
    }
}
