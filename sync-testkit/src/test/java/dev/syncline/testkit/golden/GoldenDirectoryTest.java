package dev.syncline.testkit.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.SyncException;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.runtime.internal.log.ChronicleEventLog;
import dev.syncline.runtime.internal.log.LogSettings;
import dev.syncline.testkit.golden.Application.Placed;
import dev.syncline.testkit.golden.Application.Product;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Directories that earlier builds left, each in the resources under the name of its format, {@code directory-<n>.bin}. What
 * is in them is told by {@link #fill}. A change of a format must go on with all of them, and adds one:
 *
 * <pre>
 * mvn -B -pl sync-testkit -am test -Dtest=GoldenDirectoryTest -Dsurefire.failIfNoSpecifiedTests=false \\
 *     -Dgolden.write=src/test/resources/dev/syncline/testkit/golden/directory-2.bin
 * </pre>
 */
class GoldenDirectoryTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** When the directories were left, so that what they remember is not too old. */
    private static final Instant LEFT = Instant.parse("2026-05-04T10:00:00Z");

    private static final int FRAME_VERSION = 3;
    private static final int FRAME_LENGTH = 4;
    private static final int FRAME_SUM = 16;
    private static final int FRAME_BYTES = 20;

    private static final int TABLE_VERSION = 8;
    private static final int TABLE_SUM = 40;

    @TempDir
    Path directory;

    private static InstantSource clock(Instant from) {
        long begin = System.nanoTime();
        return () -> from.plusNanos(System.nanoTime() - begin);
    }

    /** What an application does whose directory is kept. */
    private static void fill(Path directory) throws Exception {
        var application = new Application(Application.LARGEST);
        application.refused.add("a2");
        try (var sync = application.start(directory, clock(LEFT))) {
            publish(sync, "a", 1, 2, 3);
            publish(sync, "b", 1, 2);
            sync.publisher().publish(new Product("p", 5, "guarded"));
            sync.publisher().publish(new Product("big", 1, "x".repeat(Application.LARGEST)));
            sync.publisher().publish(new Product("big", 2, "waits behind"));
            application.store("f1", "foreign", 1);
            await().atMost(PATIENCE)
                    .until(() -> application.packed.size() == 3
                            && application.mirrored.size() == 2
                            && sync.deadLetters().count(Selection.all()) == 2);
            sync.awaitQuiet(PATIENCE);
            application.broker.stop();
            sync.publisher().publish(new Product("q", 1, "unshipped"));
            sync.publisher().publish(new Product("q", 2, "unshipped"));
        }
    }

    private static void publish(Sync sync, String order, int... numbers) {
        for (int number : numbers) {
            sync.publisher().publish(new Placed(order, number));
        }
    }

    @Test
    void thisBuildsDirectoryIsSmallEnoughToKeep() throws Exception {
        fill(directory.resolve("data"));
        var file = Path.of(
                System.getProperty("golden.write", directory.resolve("golden").toString()));
        try (var out = Files.newOutputStream(file)) {
            SparseArchive.pack(directory.resolve("data"), out);
        }
        assertThat(Files.size(file)).isLessThan(200 << 10);
    }

    static List<String> archives() {
        return List.of("directory-1.bin");
    }

    private Path unpacked(String archive) throws IOException {
        var data = directory.resolve("data");
        try (InputStream in = Objects.requireNonNull(GoldenDirectoryTest.class.getResourceAsStream(archive), archive)) {
            SparseArchive.unpack(in, data);
        }
        return data;
    }

    @ParameterizedTest
    @MethodSource("archives")
    void s28_aDirectoryOfAnEarlierBuildIsGoneOnWith(String archive) throws Exception {
        var application = new Application(1 << 20);
        try (var sync = application.start(unpacked(archive), clock(LEFT.plusSeconds(3_600)))) {
            await().atMost(PATIENCE).until(() -> application.mirrored.size() == 2);
            assertThat(application.mirrored)
                    .as("what was not shipped is, what was is not again")
                    .containsExactly("q1", "q2");
            assertThat(application.keys("parcel")).isEmpty();

            assertThat(letters(sync))
                    .extracting(DeadLetter::handler, DeadLetter::key, DeadLetter::lettersBehind)
                    .containsExactlyInAnyOrder(tuple("warehouse", "a", 1), tuple("relay:default", "big", 1));
            for (var letter : letters(sync)) {
                sync.deadLetters().redrive(letter).toCompletableFuture().get(60, TimeUnit.SECONDS);
            }
            await().atMost(PATIENCE).until(() -> application.packed.size() == 2 && application.mirrored.size() == 4);
            assertThat(application.packed).containsExactly("a2", "a3");
            assertThat(application.mirrored).containsExactly("q1", "q2", "big1", "big2");

            application.store("f1", "foreign", 1);
            application.store("f2", "foreign", 2);
            sync.publisher().publish(new Product("p", 4, "stale"));
            sync.publisher().publish(new Product("p", 6, "new"));
            publish(sync, "b", 3);
            await().atMost(PATIENCE).until(() -> application.packed.size() == 3 && application.mirrored.size() == 6);
            sync.rewind("default", Instant.EPOCH);
            await().atMost(PATIENCE)
                    .until(() -> sync.health().outbox().unshipped() == 0
                            && sync.health().handlers().get("mirror").duplicates() >= 6);

            assertThat(application.mirrored)
                    .as("what was applied is a repeat, what was overtaken is stale")
                    .containsExactlyInAnyOrder("q1", "q2", "big1", "big2", "foreign2", "p6");
            assertThat(application.packed).containsExactly("a2", "a3", "b3");
            assertThat(sync.health().handlers().get("mirror").stale()).isPositive();
            assertThat(sync.health().isUp()).isTrue();
            assertThat(letters(sync)).isEmpty();
        }
        try (var sync = application.start(directory.resolve("data"), clock(LEFT.plusSeconds(7_200)))) {
            sync.awaitQuiet(PATIENCE);
        }
    }

    private static List<DeadLetter> letters(Sync sync) {
        return sync.deadLetters().list(Selection.all(), null, 10);
    }

    // --- files of a release that is not there yet

    private record Kind(String name, String says, Change change) {

        interface Change {
            void to(Path data) throws IOException;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        return Stream.of(
                new Kind("store.id", "syncline-store 9", data -> title(data, "store.id", "syncline-store ")),
                new Kind("store.lives", "syncline-lives 9", data -> title(data, "store.lives", "syncline-lives ")),
                new Kind("outbox.numbers", "version 9", data -> title(data, "outbox.numbers", "syncline-numbers ")),
                new Kind("outbox.marks", "version 9", data -> title(data, "outbox.marks", "syncline-marks ")),
                new Kind("relay.cursors", "version 9", data -> title(data, "relay.cursors", "syncline relay cursors ")),
                new Kind("golden.warehouse.positions", "version 9", data -> {
                    var file = data.resolve("local/home/golden.warehouse.positions");
                    var bytes = Files.readAllBytes(file);
                    bytes[7] = '9';
                    Files.write(file, bytes);
                }),
                new Kind("parked-elsewhere.warehouse.home", "syncline-place 9", data -> {
                    var file = data.resolve("parked-elsewhere.warehouse.home");
                    Files.writeString(file, "syncline-place 9\nmemory:\n");
                }),
                new Kind("inbox/mirror", "version 9", GoldenDirectoryTest::table),
                new Kind("outbox", "format 9", data -> entry(data.resolve("outbox"))),
                new Kind("park", "format 9", data -> entry(data.resolve("park/warehouse/home"))),
                new Kind("park", "format 9", data -> entry(data.resolve("park/relay.out/default"))),
                new Kind("outbox", "frame of version 9", data -> frame(data.resolve("outbox"))),
                new Kind("park", "frame of version 9", data -> frame(data.resolve("park/warehouse/home"))),
                new Kind("park", "frame of version 9", data -> frame(data.resolve("park/relay.out/default"))));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void s28_input60_aFileOfANewerReleaseIsRefusedByItsNameAndLeftAsItIs(Kind kind) throws Exception {
        var data = unpacked("directory-1.bin");
        kind.change().to(data);

        assertThatExceptionOfType(SyncException.class)
                .isThrownBy(() -> new Application(1 << 20).start(data, clock(LEFT.plusSeconds(60))))
                .withMessageContaining(kind.name())
                .withMessageContaining(kind.says())
                .satisfies(refused ->
                        assertThat(refused).message().containsPattern("newer release.*[Gg]o on with that one"));
    }

    private static void title(Path data, String file, String words) throws IOException {
        var text = Files.readString(data.resolve(file));
        assertThat(text).startsWith(words);
        Files.writeString(data.resolve(file), words + 9 + text.substring(text.indexOf('\n')));
    }

    /** With a sum that fits, or it would be a damaged one. */
    private static void table(Path data) throws IOException {
        Path file;
        try (var files = Files.walk(data.resolve("inbox/mirror"))) {
            file = files.filter(Files::isRegularFile)
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
        }
        var bytes = Files.readAllBytes(file);
        var table = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        table.putInt(TABLE_VERSION, 9);
        var crc = new CRC32C();
        crc.update(bytes, 0, TABLE_SUM);
        table.putLong(TABLE_SUM, crc.getValue());
        Files.write(file, bytes);
    }

    /** The oldest frame of the newest file; with a sum that fits, too. */
    private static void frame(Path log) throws IOException {
        Path file;
        try (var files = Files.walk(log)) {
            file = files.filter(each -> each.toString().endsWith(".cq4"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
        var bytes = Files.readAllBytes(file);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("SYN1");
        var frame = ByteBuffer.wrap(bytes);
        bytes[at + FRAME_VERSION] = '9';
        var crc = new CRC32C();
        crc.update(bytes, at, FRAME_SUM);
        crc.update(bytes, at + FRAME_BYTES, frame.getInt(at + FRAME_LENGTH));
        frame.putInt(at + FRAME_SUM, (int) crc.getValue());
        Files.write(file, bytes);
    }

    private static void entry(Path log) {
        try (var events = ChronicleEventLog.open(log, LogSettings.defaults())) {
            var entry = new byte[100];
            entry[0] = 9;
            events.append(entry, 0, entry.length);
            events.force();
        }
    }
}
