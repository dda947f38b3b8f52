package dev.syncline.runtime.internal.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MappedTableTest {

    private static final int PAGE = 4096;

    private final TableUse kept = use(false, Long.MAX_VALUE, 0);
    private final List<String> alarms = new ArrayList<>();

    @TempDir
    Path directory;

    /** The key of a number: any 128 bits will do, as long as it is always the same. */
    private static long high(long i) {
        return Slots.mix(i * 2 + 1);
    }

    private static long low(long i) {
        return Slots.mix(i * 2 + 2);
    }

    /** Entries with a stamp below {@code dueBelow} are due. */
    private static TableUse use(boolean mayEvict, long slots, int dueBelow) {
        return new TableUse("test", 7, mayEvict, mark -> Stamps.stamp(mark) < dueBelow, new SlotBudget(slots));
    }

    private Path path() {
        return directory.resolve("test-00.table");
    }

    private MappedTable open() {
        return open(kept);
    }

    private MappedTable open(TableUse use) {
        return MappedTable.open(path(), use, (aside, why) -> alarms.add(aside.getFileName() + ": " + why));
    }

    private static void put(Table table, long i, long value) {
        table.put(high(i), low(i), value, 1);
    }

    private static Long get(Table table, long i) {
        int entry = table.find(high(i), low(i));
        return entry == Table.ABSENT ? null : table.value(entry);
    }

    /** What of the numbers is there is what was put, and how many are missing. */
    private static int missing(Table table, Map<Long, Long> model) {
        int missing = 0;
        for (var entry : model.entrySet()) {
            var found = get(table, entry.getKey());
            if (found == null) {
                missing++;
            } else {
                assertThat(found).isEqualTo(entry.getValue());
            }
        }
        return missing;
    }

    private Map<Long, Long> fill(int entries) {
        var table = open();
        var model = new HashMap<Long, Long>();
        for (long i = 0; i < entries; i++) {
            put(table, i, i * 31);
            model.put(i, i * 31);
        }
        return model;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void isAMapThroughGrowthAndReopening(long seed) {
        var random = new Random(seed);
        var model = new HashMap<Long, Long>();
        var table = open();
        for (int i = 0; i < 60_000; i++) {
            long key = random.nextInt(20_000);
            if (random.nextInt(3) == 0) {
                assertThat(get(table, key)).isEqualTo(model.get(key));
            } else {
                long value = random.nextLong();
                put(table, key, value);
                model.put(key, value);
            }
            if (random.nextInt(3_000) == 0) {
                table = open();
                assertThat(table.size()).isEqualTo(model.size());
            }
        }
        assertThat(missing(table, model)).isZero();
        assertThat(table.size()).isEqualTo(model.size());
        assertThat(get(table, 20_001)).isNull();
        assertThat(alarms).isEmpty();
    }

    @Test
    void makesNoFileBeforeTheFirstEntry() {
        var table = open();

        assertThat(get(table, 1)).isNull();
        assertThat(directory).isEmptyDirectory();

        long key = table.hashKey0();
        put(table, 1, 2);
        assertThat(open().hashKey0())
                .as("what the entries' keys are made of stays")
                .isEqualTo(key);
    }

    /** What a new entry costs is the first store to a page of the machine. */
    @Test
    void newEntriesStandSideBySideInTheOrderInWhichTheyCame() throws IOException {
        fill(700);
        var table = open();
        for (long i = 700; i < 750; i++) {
            put(table, i, i * 31);
        }
        var words = ByteBuffer.wrap(Files.readAllBytes(path())).order(ByteOrder.LITTLE_ENDIAN);
        int places = 2 * PAGE;
        assertThat(words.capacity()).isEqualTo(places + 1_024 * 32);
        for (int i = 0; i < 750; i++) {
            assertThat(words.getLong(places + i * 32 + 8)).isEqualTo(i * 31L);
        }
    }

    @Test
    void knowsEntriesThatShareTheFirstHalfOfTheirKey() {
        var table = open();
        table.put(5, 1, 10, 1);
        assertThat(table.hasSibling(5, 1)).isFalse();
        table.put(5, 2, 20, 1);

        assertThat(table.hasSibling(5, 1)).isTrue();
        assertThat(table.hasSibling(6, 1)).isFalse();
        assertThat(table.value(table.find(5, 1))).isEqualTo(10);
        assertThat(table.value(table.find(5, 2))).isEqualTo(20);
    }

    @Test
    void s24_siblingsWithoutEndDoNotGrowTheTableWithoutEnd() {
        var table = open();
        for (int i = 0; i < 100_000; i++) {
            table.put(5, i, i, i + 1);
        }
        assertThat(table.bytes()).isLessThanOrEqualTo(PAGE + 8 * 4096);
        assertThat(table.value(table.find(5, 99_999))).isEqualTo(99_999);
    }

    @Nested
    class AfterAKill {

        /** The process dies before each store in turn: of an entry that is new, and of one that is replaced. */
        @ParameterizedTest
        @ValueSource(longs = {3, 50})
        void anEntryIsTheOldOneOrTheNew(long key) throws IOException {
            var model = fill(40);
            var before = model.get(key);
            var image = Files.readAllBytes(path());
            boolean isDone = false;
            boolean wasOld = false;
            for (int stores = 0; !isDone; stores++) {
                Files.write(path(), image);
                var disk = new FaultyDisk();
                var table = MappedTable.open(path(), kept, (aside, why) -> alarms.add(why), disk);
                disk.left = stores;
                try {
                    put(table, key, -1);
                    isDone = true;
                } catch (FaultyDisk.Killed killed) {
                    // opened below
                }
                var reopened = open();
                var found = get(reopened, key);
                assertThat(found).as("after %d stores", stores).isIn(before, -1L);
                assertThat(isDone && found == null).isFalse();
                wasOld |= stores > 0 && Objects.equals(found, before);
                var others = new HashMap<>(model);
                others.remove(key);
                assertThat(missing(reopened, others)).isZero();
                put(reopened, key, -2);
                assertThat(get(open(), key)).isEqualTo(-2);
            }
            assertThat(wasOld).isTrue();
            assertThat(alarms).isEmpty();
        }

        /** The process dies before each step and store of a growth. */
        @Test
        void aGrowthIsDoneOrNot() throws IOException {
            var model = fill(96);
            var image = Files.readAllBytes(path());
            assertThat(image).hasSize(PAGE + 128 * 32);
            boolean isDone = false;
            boolean wasLarger = false;
            for (int steps = 0; !isDone; steps++) {
                Files.write(path(), image);
                var disk = new FaultyDisk();
                var table = MappedTable.open(path(), kept, (aside, why) -> alarms.add(why), disk);
                disk.left = steps;
                try {
                    put(table, 1_000, 5);
                    isDone = true;
                } catch (FaultyDisk.Killed killed) {
                    // opened below
                }
                var reopened = open();
                assertThat(missing(reopened, model)).as("after %d steps", steps).isZero();
                assertThat(get(reopened, 1_000)).isIn(isDone ? new Object[] {5L} : new Object[] {5L, null});
                wasLarger |= !isDone && reopened.bytes() > image.length;
                assertThat(directory).isDirectoryNotContaining("glob:**.new");
            }
            assertThat(wasLarger)
                    .as("killed between the growth and the entry, too")
                    .isTrue();
            assertThat(alarms).isEmpty();
        }
    }

    @Nested
    class DamagedOnTheDisk {

        @Test
        void aTornEntryIsAbsentAndCanBePutAgain() throws IOException {
            var model = fill(60);
            var image = Files.readAllBytes(path());
            for (int place = 0; place < 128; place++) {
                var torn = image.clone();
                ByteBuffer.wrap(torn).putLong(PAGE + place * 32 + 24, 0); // its last word never came
                Arrays.fill(torn, 80, 128, (byte) 0); // nor did the record
                Files.write(path(), torn);
                var table = open();
                assertThat(missing(table, model)).isBetween(0, 1);
                for (var entry : model.entrySet()) {
                    put(table, entry.getKey(), entry.getValue());
                }
                assertThat(missing(open(), model)).isZero();
            }
        }

        @Test
        void s27_zeroedPagesForgetAndInventNothing() throws IOException {
            var model = fill(5_000);
            var image = Files.readAllBytes(path());
            var random = new Random(5);
            for (int i = 0; i < 50; i++) {
                var damaged = image.clone();
                for (int page = 1; page < image.length / PAGE; page++) {
                    if (random.nextInt(4) == 0) {
                        Arrays.fill(damaged, page * PAGE, page * PAGE + PAGE, (byte) 0);
                    }
                }
                Files.write(path(), damaged);
                var table = open();
                assertThat(missing(table, model)).isBetween(1, 5_000);
                for (long fresh = 10_000; fresh < 11_000; fresh++) {
                    assertThat(get(table, fresh)).isNull();
                }
                for (long k = 0; k < 5_000; k++) {
                    put(table, k, k * 31);
                }
                assertThat(missing(open(), model)).isZero();
            }
        }

        /** Every flip, wherever it is: what is found is what was put. */
        @Test
        void s27_tenThousandBitFlipsForgetAndInventNothing() throws IOException {
            var model = fill(90);
            var image = Files.readAllBytes(path());
            var random = new Random(6);
            int forgot = 0;
            for (int i = 0; i < 10_000; i++) {
                int bit = random.nextInt((i % 10 == 0 ? 128 : image.length) * 8);
                var damaged = image.clone();
                damaged[bit / 8] ^= (byte) (1 << bit % 8);
                Files.write(path(), damaged);
                var table = open();
                int missing = missing(table, model);
                boolean isHeader = bit / 8 < 48;
                assertThat(missing).isIn(isHeader ? List.of(90) : List.of(0, 1));
                forgot += missing == 0 ? 0 : 1;
                assertThat(get(table, 5_000)).isNull();
                assertThat(alarms).hasSize(isHeader ? 1 : 0);
                alarms.clear();
                try (var files = Files.list(directory)) {
                    for (var file : files.toList()) {
                        Files.delete(file);
                    }
                }
            }
            assertThat(forgot).isGreaterThan(1_000);
        }

        /** A slot whose place is another's must not bring that entry twice into a larger table. */
        @Test
        void s27_aFlippedPlaceMakesNoSecondEntryWhenTheTableGrows() throws IOException {
            var model = fill(90);
            var image = Files.readAllBytes(path());
            var random = new Random(7);
            for (int i = 0; i < 300; i++) {
                int line = 512 + 64 * random.nextInt(8);
                var damaged = image.clone();
                damaged[line + 16 + 3 * random.nextInt(16)] ^= (byte) (1 << random.nextInt(7));
                Files.write(path(), damaged);
                var table = open();
                for (long k = 1_000; k < 1_100; k++) {
                    put(table, k, k);
                }
                assertThat(missing(table, model)).isBetween(0, 1);
                assertThat(table.size()).isEqualTo(190 - missing(table, model));
            }
        }

        @Test
        void aDamagedHeaderIsPutAsideAndTheTableBegunAnew() throws IOException {
            fill(10);
            var image = Files.readAllBytes(path());
            image[20] ^= 1;
            Files.write(path(), image);

            var table = open();

            assertThat(alarms).containsExactly("test-00.table.damaged: its header is damaged");
            assertThat(directory.resolve("test-00.table.damaged")).hasBinaryContent(image);
            put(table, 1, 5);
            assertThat(get(open(), 1)).isEqualTo(5);

            Files.write(path(), new byte[] {1, 2, 3});
            assertThat(get(open(), 1)).isNull();
            assertThat(directory.resolve("test-00.table.2.damaged")).hasSize(3);
        }

        @Test
        void aFileThatIsCutOrForAnotherUseIsPutAside() throws IOException {
            fill(10);
            var image = Files.readAllBytes(path());
            Files.write(path(), Arrays.copyOf(image, image.length - PAGE / 2));
            assertThat(get(open(), 1)).isNull();
            Files.write(path(), image);
            var other = new TableUse("other", 8, false, mark -> false, SlotBudget.unlimited());
            assertThat(get(open(other), 1)).isNull();

            assertThat(alarms)
                    .containsExactly(
                            "test-00.table.damaged: its header says 128 slots, it has 6144 bytes",
                            "test-00.table.2.damaged: it is a table for another use");
        }

        @Test
        void aFileThatAPowerFailureLeftBlankBeginsAnewWithoutAlarm() throws IOException {
            Files.write(path(), new byte[0]);
            assertThat(get(open(), 1)).isNull();
            Files.write(path(), new byte[PAGE * 2]);
            assertThat(get(open(), 1)).isNull();

            assertThat(alarms).isEmpty();
            assertThat(directory).isEmptyDirectory();
        }

        @Test
        void aCountThatIsTooLowIsCountedAnew() throws IOException {
            var model = fill(96);
            var image = Files.readAllBytes(path());
            ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).putLong(64, 3); // as an old header page says
            Files.write(path(), image);
            var table = open();
            for (long i = 1_000; i < 1_500; i++) {
                put(table, i, i);
                model.put(i, i);
            }
            assertThat(missing(table, model)).isZero();
        }

        @ParameterizedTest
        @CsvSource({"2, of a build before the first release", "4, a newer release wrote it"})
        void s28_anotherVersionIsRefusedAndLeftAsItIs(int version, String why) throws IOException {
            fill(10);
            var image = Files.readAllBytes(path());
            var words = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).putInt(8, version);
            var crc = new CRC32C();
            crc.update(image, 0, 40);
            words.putLong(40, crc.getValue());
            Files.write(path(), image);

            assertThatThrownBy(() -> open())
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("version " + version)
                    .hasMessageContaining(why);
            assertThat(path()).hasBinaryContent(image);
            assertThat(alarms).isEmpty();
        }
    }

    @Nested
    class WithoutRoom {

        @Test
        void theOldestMakesRoomAndHowOldItWasIsKept() {
            var use = use(true, 512, 0);
            var table = open(use);
            for (int i = 1; i <= 5_000; i++) {
                table.put(high(i), low(i), i, i);
            }
            assertThat(table.bytes()).isEqualTo(PAGE + 512 * 32);
            assertThat(table.size()).isBetween(448, 512);
            int upTo = table.evictedUpTo();
            assertThat(upTo).isBetween(4_400, 4_700);
            assertThat(open(use(true, 512, 0)).evictedUpTo()).isEqualTo(upTo);
            for (long i = upTo + 1L; i <= 5_000; i++) {
                assertThat(get(table, i)).isEqualTo(i);
            }
        }

        /** How much it looks at is what an entry costs: past its largest it must not look through all it has. */
        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void anEntryCostsTheSameWhenTheTableIsAtItsLargest(boolean isDiskFull) {
            long[] looks = {0};
            var use = new TableUse(
                    "test",
                    7,
                    true,
                    mark -> {
                        looks[0]++;
                        return false;
                    },
                    new SlotBudget(isDiskFull ? Long.MAX_VALUE : 16_384));
            var disk = new FaultyDisk();
            var table = MappedTable.open(path(), use, (aside, why) -> alarms.add(why), disk);
            for (int i = 1; i <= 12_000; i++) {
                table.put(high(i), low(i), i, i);
            }
            disk.isFull = isDiskFull;
            for (int i = 12_001; i <= 40_000; i++) {
                table.put(high(i), low(i), i, i);
            }
            looks[0] = 0;
            for (int i = 40_001; i <= 80_000; i++) {
                table.put(high(i), low(i), i, i);
            }
            assertThat(looks[0] / 40_000).isLessThan(12);
            assertThat(table.size()).isGreaterThan(12_288);
        }

        /** The process dies before each store of an entry for which others make room. */
        @Test
        void afterAKillWhatIsNewerThanTheHorizonIsThere() throws IOException {
            var full = open(use(true, 128, 0));
            long next = 1;
            for (; full.evictedUpTo() == 0 || full.size() < 128; next++) {
                full.put(high(next), low(next), next, (int) next);
            }
            var image = Files.readAllBytes(path());
            boolean isDone = false;
            for (int stores = 0; !isDone; stores++) {
                Files.write(path(), image);
                var disk = new FaultyDisk();
                var table = MappedTable.open(path(), use(true, 128, 0), (aside, why) -> alarms.add(why), disk);
                disk.left = stores;
                try {
                    table.put(high(next), low(next), next, (int) next);
                    isDone = true;
                } catch (FaultyDisk.Killed killed) {
                    // opened below
                }
                var reopened = open(use(true, 128, 0));
                for (long i = reopened.evictedUpTo() + 1L; i < next; i++) {
                    assertThat(get(reopened, i)).as("after %d stores", stores).isEqualTo(i);
                }
                assertThat(get(reopened, next)).isIn(isDone ? List.of(next) : Arrays.asList(next, null));
            }
            assertThat(alarms).isEmpty();
        }

        @Test
        void whatIsDueIsLeftBehindInsteadOfGrowing() {
            int[] due = {0};
            var use =
                    new TableUse("test", 7, true, mark -> Stamps.stamp(mark) < due[0], new SlotBudget(Long.MAX_VALUE));
            var table = open(use);
            for (int i = 1; i <= 50_000; i++) {
                due[0] = i - 300;
                table.put(high(i), low(i), i, i);
                assertThat(get(table, i)).isEqualTo(i);
                if (i > 300) {
                    assertThat(get(table, i - 299)).isEqualTo(i - 299);
                }
            }
            assertThat(table.bytes()).isLessThanOrEqualTo(2 * PAGE + 1024 * 32);
            assertThat(table.evictedUpTo()).isZero();
        }

        @Test
        void s24_aFullDiskIsToldAndTakesNothingAway() {
            var model = fill(90);
            var disk = new FaultyDisk();
            var table = MappedTable.open(path(), kept, (aside, why) -> alarms.add(why), disk);
            disk.isFull = true;
            long next = 1_000;
            while (next < 1_038) {
                put(table, next, next);
                model.put(next, next);
                next++;
            }
            assertThatThrownBy(() -> put(table, 2_000, 1))
                    .isInstanceOf(OutboxFullException.class)
                    .hasMessageContaining("Nothing was stored");
            assertThat(missing(table, model)).isZero();
            put(table, 1_000, 7);
            model.put(1_000L, 7L);

            disk.isFull = false;
            put(table, 2_000, 1);
            model.put(2_000L, 1L);
            assertThat(missing(open(), model)).isZero();
        }

        /** A place that was given to an entry which never came is given again, and no other is. */
        @Test
        void s24_killsTakeNoRoomAway() {
            var model = fill(90);
            boolean isDone = false;
            for (int stores = 0; !isDone; stores++) {
                var disk = new FaultyDisk();
                var table = MappedTable.open(path(), kept, (aside, why) -> alarms.add(why), disk);
                disk.left = stores;
                try {
                    put(table, 3_000 + stores, stores);
                    isDone = true;
                } catch (FaultyDisk.Killed killed) {
                    // opened below
                }
                if (get(open(), 3_000 + stores) != null) {
                    model.put(3_000L + stores, (long) stores);
                }
            }
            var disk = new FaultyDisk();
            disk.isFull = true;
            var table = MappedTable.open(path(), kept, (aside, why) -> alarms.add(why), disk);
            for (long next = 1_000; model.size() < 128; next++) {
                put(table, next, next);
                model.put(next, next);
            }
            assertThatThrownBy(() -> put(table, 2_000, 1)).isInstanceOf(OutboxFullException.class);
            assertThat(missing(open(), model)).isZero();
        }

        @Test
        void aFullDiskBeforeTheFirstEntryIsToldToo() {
            var disk = new FaultyDisk();
            disk.isFull = true;
            var table = MappedTable.open(path(), kept, (aside, why) -> alarms.add(why), disk);

            assertThatThrownBy(() -> put(table, 1, 1)).isInstanceOf(OutboxException.class);
            disk.isFull = false;
            put(table, 1, 1);
            assertThat(get(open(), 1)).isEqualTo(1);
        }
    }

    @Test
    void anInterruptedThreadOpensAndGrows() {
        Thread.currentThread().interrupt();
        var model = fill(500);
        assertThat(missing(open(), model)).isZero();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void s23_aThousandOpeningsLeaveNoFileOpen() throws IOException {
        fill(200);
        long before = openFiles();
        for (int i = 0; i < 1_000; i++) {
            assertThat(get(open(), 7)).isEqualTo(7 * 31);
        }
        assertThat(openFiles()).isLessThanOrEqualTo(before + 5);
    }

    private static long openFiles() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
