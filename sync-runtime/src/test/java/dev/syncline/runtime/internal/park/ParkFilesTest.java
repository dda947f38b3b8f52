package dev.syncline.runtime.internal.park;

import static dev.syncline.runtime.internal.park.Events.event;
import static dev.syncline.runtime.internal.park.ParkRig.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.runtime.internal.log.LogSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store on real files. */
class ParkFilesTest {

    private static final ParkSettings SETTINGS = ParkSettings.defaults()
            .withLog(LogSettings.ofBlock(64 << 10).withSegmentBytes(60_000).withReserveBytes(0));

    @TempDir
    Path directory;

    private final List<Long> alarms = new ArrayList<>();

    private ParkStore open() {
        return ParkStore.open(directory, ParkRig.STORE, SETTINGS, (index, why) -> alarms.add(index));
    }

    private static void compact(ParkStore store) {
        while (store.compact(10_000) > 0) {
            // until there is nothing to do
        }
    }

    private long files() throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file ->
                            file.toString().contains(".cq4") && !file.toString().endsWith(".cq4t"))
                    .count();
        }
    }

    @Test
    void s10_s24_lettersSurviveCompactionAndRestartInOrder() throws IOException {
        try (var store = open()) {
            var old = store.append(event("k", "1"), NOW);
            store.record(old.key(), HeadState.FRESH.failed(7, "c", "d", NOW, 1));
            for (int i = 0; i < 1_000; i++) {
                var key = store.append(event("filler", "f" + i), NOW).key();
                store.closeHead(key, Closing.DONE, NOW);
            }
            store.force(store.append(event("k", "2"), NOW).index());
            long before = files();

            compact(store);

            assertThat(files()).isLessThan(before).isLessThan(5);
            assertThat(store.readHead(old.key()).id()).isEqualTo("1");
        }
        try (var store = open()) {
            var key = store.find(event("k", "1"));
            assertThat(key.state().attempts()).isEqualTo(7);
            assertThat(store.append(event("k", "2"), NOW).isNew()).isFalse();
            assertThat(store.readHead(key).received()).isEqualTo(event("k", "1").received());
            store.closeHead(key, Closing.DONE, NOW);
            assertThat(store.readHead(key).received()).isEqualTo(event("k", "2").received());
            assertThat(store.stats().letters()).isEqualTo(1);
        }
        assertThat(alarms).isEmpty();
    }

    @Test
    void s24_filesThatManyStartsBeganAreMerged() throws IOException {
        for (int run = 0; run < 66; run++) {
            try (var store = open()) {
                store.append(event("k" + run, "1"), NOW);
            }
        }
        assertThat(files()).isEqualTo(66);
        try (var store = open()) {
            compact(store);
            assertThat(files()).isLessThanOrEqualTo(64);
            assertThat(store.stats().letters()).isEqualTo(66);
        }
    }

    @Test
    void s4_flippedBitCostsItsOwnEntryAndIsTold() throws IOException {
        try (var store = open()) {
            for (int i = 0; i < 100; i++) {
                store.append(event("k" + i, "1"), NOW);
            }
        }
        flipIn("k50");

        try (var store = open()) {
            assertThat(store.stats().letters()).isEqualTo(99);
            assertThat(store.find(event("k50", "1"))).isNull();
            assertThat(store.damaged()).hasSize(1).isEqualTo(alarms);
        }
    }

    /** Flips a bit of the text, in the file that has it: there may be several. */
    private void flipIn(String text) throws IOException {
        try (var files = Files.list(directory)) {
            for (var file : files.toList()) {
                var bytes = Files.readAllBytes(file);
                int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
                if (at >= 0) {
                    bytes[at] ^= 1;
                    Files.write(file, bytes);
                    return;
                }
            }
        }
        throw new AssertionError("no file has " + text);
    }
}
