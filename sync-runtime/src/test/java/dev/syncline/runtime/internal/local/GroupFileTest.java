package dev.syncline.runtime.internal.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.syncline.api.OutboxException;
import dev.syncline.spi.BrokerConsumer.Acknowledgement;
import dev.syncline.spi.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class GroupFileTest {

    private static final Logger FILE_LOG = (Logger) LoggerFactory.getLogger(GroupFile.class);
    private static final int SLOT = 2048;

    @TempDir
    private Path directory;

    private Path path;

    @BeforeEach
    void quiet() {
        path = directory.resolve("made").resolve("group.positions");
        FILE_LOG.setLevel(Level.OFF);
    }

    @AfterEach
    void loud() {
        FILE_LOG.setLevel(null);
    }

    @Test
    void s9_whatWasPutIsThereWithoutAnyClose() {
        var abandoned = GroupFile.open(path); // as by kill -9: never closed, never forced
        abandoned.use("orders", List.of(at(1), at(2)));
        var moved = new Kept(new Position(70, 3), "m".repeat(Acknowledgement.MAX_METADATA), new Position(70, 4), 99);
        abandoned.put("orders", 2, 1, moved);

        try (var file = GroupFile.open(path)) {
            assertThat(file.find("orders", 2, 0)).isEqualTo(at(1));
            assertThat(file.find("orders", 2, 1)).isEqualTo(moved);
            assertThat(file.find("stock", 2, 0)).isNull();
            assertThat(file.isDamaged()).isFalse();
        }
        abandoned.close();
    }

    /** A move that was torn anywhere leaves the move before it. */
    @Test
    void s9_aTornMoveLeavesTheOneBefore() throws IOException {
        byte[] before;
        byte[] after;
        try (var file = GroupFile.open(path)) {
            file.use("orders", List.of(at(1)));
            file.put("orders", 1, 0, at(500));
            before = Files.readAllBytes(path);
            file.put("orders", 1, 0, at(600));
            after = Files.readAllBytes(path);
        }
        int first = Arrays.mismatch(before, after);
        for (int cut = first; cut < first + 60; cut++) {
            var torn = after.clone();
            System.arraycopy(before, cut, torn, cut, before.length - cut);
            Files.write(path, torn);

            try (var file = GroupFile.open(path)) {
                assertThat(file.find("orders", 1, 0)).isIn(at(500), at(600));
                assertThat(file.isDamaged()).isFalse();
            }
        }
    }

    /** A flipped bit is never a position: an older one, or none and said so. */
    @Test
    void s4_aDamagedSlotIsNeverAWrongPosition() throws IOException {
        byte[] whole;
        try (var file = GroupFile.open(path)) {
            file.use("orders", List.of(at(400)));
            file.put("orders", 1, 0, at(500));
            whole = Files.readAllBytes(path);
        }
        for (int i = SLOT; i < 2 * SLOT; i++) {
            var damaged = whole.clone();
            damaged[i] ^= 4;
            Files.write(path, damaged);

            try (var file = GroupFile.open(path)) {
                var found = file.find("orders", 1, 0);
                assertThat(found).as("byte %d", i).isIn(at(400), at(500), null);
                assertThat(file.isDamaged()).as("byte %d", i).isEqualTo(found == null);
            }
        }
    }

    @Test
    void s28_aFileOfAnotherReleaseIsRefused() throws IOException {
        Files.createDirectories(path.getParent());
        Files.write(path, Arrays.copyOf("SYNCGRP2".getBytes(StandardCharsets.US_ASCII), SLOT));

        assertThatThrownBy(() -> GroupFile.open(path))
                .isInstanceOf(OutboxException.class)
                .hasMessageContaining("newer release")
                .hasMessageContaining(path.toString());
    }

    /** The file was made, and the process killed before its head was written. */
    @Test
    void anEmptyFileIsANewOne() throws IOException {
        Files.createDirectories(path.getParent());
        Files.write(path, new byte[17]);

        try (var file = GroupFile.open(path)) {
            file.use("orders", List.of(at(3)));
        }
        try (var file = GroupFile.open(path)) {
            assertThat(file.find("orders", 1, 0)).isEqualTo(at(3));
        }
    }

    /** No shard's position is ever later than it was: some messages come again, none is skipped. */
    @Test
    void s9_anotherNumberOfPartitionsSkipsNothing() {
        var counts = new int[] {8, 3, 256, 1, 8, 5, 5, 7};
        var earliest = new long[256];
        Arrays.fill(earliest, Long.MAX_VALUE);
        for (int count : counts) {
            try (var file = GroupFile.open(path)) {
                var kept = new ArrayList<Kept>();
                for (int partition = 0; partition < count; partition++) {
                    var found = file.find("orders", count, partition);
                    var now = found == null ? at(1000 + 7L * partition) : found;
                    kept.add(now);
                    for (int shard = 0; shard < 256; shard++) {
                        if (LocalBroker.partition(shard, count) == partition) {
                            assertThat(now.clear().major())
                                    .as("shard %d of %d partitions", shard, count)
                                    .isLessThanOrEqualTo(earliest[shard]);
                            earliest[shard] = now.clear().major();
                        }
                    }
                }
                file.use("orders", kept);
                assertThat(file.entries()).as("the others are let go").hasSize(count);
                for (int partition = 0; partition < count; partition++) {
                    long moved = file.find("orders", count, partition).clear().major() + 10 + partition;
                    file.put("orders", count, partition, at(moved));
                    for (int shard = 0; shard < 256; shard++) {
                        if (LocalBroker.partition(shard, count) == partition) {
                            earliest[shard] = moved;
                        }
                    }
                }
            }
        }
    }

    @Test
    void topicsDoNotDisturbEachOther() {
        try (var file = GroupFile.open(path)) {
            file.use("orders", List.of(at(1), at(2)));
            file.use("stock", List.of(at(3)));
            file.use("orders", List.of(at(1)));
            file.use("prices", List.of(at(4), at(5)));
        }
        try (var file = GroupFile.open(path)) {
            assertThat(file.find("orders", 1, 0)).isEqualTo(at(1));
            assertThat(file.find("stock", 1, 0)).isEqualTo(at(3));
            assertThat(file.find("prices", 2, 1)).isEqualTo(at(5));
            assertThat(file.entries()).hasSize(4);
        }
    }

    private static Kept at(long index) {
        return new Kept(new Position(index - 1, 0), "store=1", new Position(index, 0), index);
    }
}
