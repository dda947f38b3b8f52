package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.OwnedLog;
import dev.syncline.spi.OwnedLog.LogEntry;
import dev.syncline.spi.StateFencedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a log of parked events does, wherever it is kept; the suites of its stores nest this. */
abstract class LogBehaviours {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Supplier<OwnedLog> take;

    /** @param take takes the same log again and again; it is empty at first */
    LogBehaviours(Supplier<OwnedLog> take) {
        this.take = take;
    }

    // --- words

    static LogEntry entry(long index) {
        return new LogEntry(index, Bytes.utf8("entry " + index));
    }

    static List<LogEntry> entries(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(LogBehaviours::entry).toList();
    }

    static void append(OwnedLog log, List<LogEntry> entries) {
        get(log.append(entries));
    }

    /** All of it from an index on. */
    static List<LogEntry> read(OwnedLog log, long first, int most) {
        var read = new ArrayList<LogEntry>();
        for (long from = first; ; from = read.get(read.size() - 1).index() + 1) {
            var page = get(log.readLog(from, most)).entries();
            if (page.isEmpty()) {
                return read;
            }
            assertThat(page).hasSizeLessThanOrEqualTo(most);
            read.addAll(page);
        }
    }

    static <T extends @Nullable Object> T get(CompletionStage<T> answer) {
        try {
            return answer.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(failed);
        } catch (InterruptedException | TimeoutException silent) {
            throw new AssertionError("no answer", silent);
        }
    }

    // --- behaviours

    @Test
    void aNewLogIsEmpty() {
        var page = get(take.get().readLog(0, 10));

        assertThat(page.entries()).isEmpty();
        assertThat(page.newest()).isZero();
    }

    @Test
    void s11_whatOneOwnerAppendedTheNextOneReadsInItsOrder() {
        var first = take.get();
        append(first, entries(1, 3));
        append(first, List.of(entry(7)));

        var next = take.get();

        assertThat(read(next, 0, 100)).extracting(LogEntry::index).containsExactly(1L, 2L, 3L, 7L);
        assertThat(get(next.readLog(0, 100)).newest()).isEqualTo(7);
        assertThat(read(next, 4, 100)).containsExactly(entry(7));
        assertThat(read(next, 8, 100)).isEmpty();
    }

    @Test
    void s11_theOwnerReadsWhatItHasAppendedAtOnce() {
        var owner = take.get();
        for (int i = 1; i <= 20; i++) {
            append(owner, entries(i, i));

            assertThat(get(owner.readLog(i, 1)).entries()).containsExactly(entry(i));
        }
        assertThat(get(owner.readLog(4, 1)).entries()).containsExactly(entry(4));
    }

    @Test
    void s13_whoeverLostItChangesNothing() {
        var zombie = take.get();
        append(zombie, entries(1, 3));
        var owner = take.get();

        for (var call : List.of(zombie.append(entries(4, 4)), zombie.dropLog(3), zombie.append(entries(4, 4)))) {
            assertThatThrownBy(() -> get(call)).isInstanceOf(StateFencedException.class);
        }
        assertThat(owner.token()).isNotEqualTo(zombie.token());
        assertThat(read(owner, 0, 10)).containsExactlyElementsOf(entries(1, 3));
        append(owner, List.of(new LogEntry(4, Bytes.utf8("of the owner"))));
        assertThat(read(take.get(), 4, 10)).containsExactly(new LogEntry(4, Bytes.utf8("of the owner")));
    }

    @Test
    void s4_bytesStayAsTheyAre() {
        var bytes = new byte[300];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        var owner = take.get();
        var wanted = List.of(new LogEntry(1, Bytes.wrap(bytes, 3, 290)), new LogEntry(2, Bytes.empty()));
        append(owner, wanted);

        assertThat(read(owner, 0, 10)).containsExactlyElementsOf(wanted);
    }

    /** What parks looks at this before, and leaves what is larger where it was. */
    @Test
    void anEntryMayBeAsLargeAsIsSaid() {
        var owner = take.get();
        var large = new byte[Math.min(owner.maxEntryBytes(), 4 << 20)];
        large[large.length - 1] = 7;

        append(owner, List.of(new LogEntry(1, Bytes.wrap(large))));

        assertThat(read(owner, 0, 10)).containsExactly(new LogEntry(1, Bytes.wrap(large)));
    }

    @Test
    void itIsReadInPages() {
        var owner = take.get();
        append(owner, entries(1, 25));

        assertThat(read(owner, 0, 10)).containsExactlyElementsOf(entries(1, 25));
        assertThat(read(take.get(), 0, 7)).containsExactlyElementsOf(entries(1, 25));
    }

    @Test
    void itIsReadFromAnywhereHoweverLongItIs() {
        var owner = take.get();
        for (int i = 0; i < 20; i++) {
            append(owner, entries(50 * i + 1, 50 * i + 50));
        }
        assertIsReadFromAnywhere(owner);
        assertIsReadFromAnywhere(take.get());
    }

    private static void assertIsReadFromAnywhere(OwnedLog log) {
        for (int from = 1000; from > 0; from -= 123) {
            assertThat(get(log.readLog(from, 1)).entries()).containsExactly(entry(from));
        }
        assertThat(read(log, 0, 256)).containsExactlyElementsOf(entries(1, 1000));
    }

    @Test
    void whatIsAppendedAgainIsThereOnce() {
        var owner = take.get();
        append(owner, entries(1, 3));
        append(owner, List.of(new LogEntry(3, Bytes.utf8("another")), entry(4)));
        var next = take.get();
        append(next, entries(4, 5));

        assertThat(read(next, 0, 10)).containsExactlyElementsOf(entries(1, 5));
    }

    @Test
    void whatIsDroppedIsGoneAndTheNewestIndexStays() {
        var owner = take.get();
        append(owner, entries(1, 5));

        get(owner.dropLog(4));
        assertThat(read(owner, 0, 10)).containsExactlyElementsOf(entries(4, 5));
        owner = take.get();
        assertThat(read(owner, 0, 10)).containsExactlyElementsOf(entries(4, 5));
        get(owner.dropLog(6));

        var next = take.get();
        assertThat(get(next.readLog(0, 10)).entries()).isEmpty();
        assertThat(get(next.readLog(0, 10)).newest()).isEqualTo(5);
        append(next, List.of(entry(5)));
        assertThat(read(next, 0, 10)).as("below the newest").isEmpty();
        append(next, List.of(entry(6)));
        assertThat(read(take.get(), 0, 10)).containsExactly(entry(6));
    }

    @Test
    void anIndexMayBeAsLargeAsALong() {
        var owner = take.get();
        long large = Long.MAX_VALUE - 2;
        append(owner, List.of(entry(9), entry(large), entry(large + 1)));

        assertThat(get(owner.readLog(large + 1, 10)).entries()).containsExactly(entry(large + 1));
        get(owner.dropLog(large + 1));
        assertThat(get(owner.readLog(0, 10)).entries()).containsExactly(entry(large + 1));
    }
}
