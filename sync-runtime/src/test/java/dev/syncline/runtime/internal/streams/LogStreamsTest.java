package dev.syncline.runtime.internal.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.spi.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogStreamsTest {

    private static final Position START = new Position(0, 0);
    private static final int PLENTY = 10_000;

    private final FakeLog log = new FakeLog();
    private final Map<String, Letters> letters = new HashMap<>();
    private final LogStreams<FakeLog.Cursor> streams =
            new LogStreams<>(log::cursor, entry -> letters.get(entry.text().substring(0, 1)), START, 0);

    @Nested
    class WhileAllKeepUp {

        @Test
        void eachStreamGetsItsEntriesInOrderAndTheLogIsReadOnce() {
            var a = add("a");
            var b = add("b");
            log.append(10, "a1", "b1", "x1");
            log.append(11, "b2");
            log.append(20, "a2");

            streams.poll(PLENTY, PLENTY);

            assertThat(a.taken).containsExactly("a1", "a2");
            assertThat(b.taken).containsExactly("b1", "b2");
            assertThat(log.reads()).isEqualTo(5);
            assertThat(log.openCursors()).isEqualTo(1);
            assertThat(streams.poll(PLENTY, PLENTY)).as("nothing to do").isZero();
        }

        @Test
        void aStreamCanBeginWhereTheRouterMeetsItsFirstEntry() {
            var late = new Letters("n");
            var growing = new AtomicReference<LogStreams<FakeLog.Cursor>>();
            growing.set(new LogStreams<>(
                    log::cursor,
                    entry -> {
                        if (!growing.get().streams().contains(late)) {
                            growing.get().add(late, entry.position(), 0);
                        }
                        return late;
                    },
                    START,
                    0));
            log.append(10, "n1", "n2");

            growing.get().poll(PLENTY, PLENTY);

            assertThat(late.taken).containsExactly("n1", "n2");
        }

        @Test
        void takesAreBounded() {
            var a = add("a");
            log.append(10, "a1", "a2", "a3");

            streams.poll(PLENTY, 2);

            assertThat(a.taken).containsExactly("a1", "a2");
        }
    }

    @Nested
    class WhenAStreamCannotTake {

        @Test
        void theOthersGoOnAndItContinuesAtTheEntryThatItRefused() {
            var a = add("a");
            var b = add("b");
            b.room = 1;
            log.append(10, "b1", "b2", "a1", "b3", "a2");

            streams.poll(PLENTY, PLENTY);

            assertThat(a.taken).containsExactly("a1", "a2");
            assertThat(b.taken).containsExactly("b1");
            assertThat(streams.isAttached(b)).isFalse();
            assertThat(streams.behind(b)).isEqualTo(2);
            assertThat(streams.position(b)).isEqualTo(new Position(10, 1));
            assertThat(streams.poll(PLENTY, PLENTY)).as("nobody waits for it").isZero();

            b.room = 10;
            streams.ready(b);
            streams.poll(PLENTY, PLENTY);

            assertThat(b.taken).containsExactly("b1", "b2", "b3");
            assertThat(streams.isAttached(b)).isTrue();
            assertThat(log.openCursors()).as("its own reader is closed").isEqualTo(1);
            assertThat(streams.behind(b)).isZero();
        }

        @Test
        void aReadyStreamFarBehindDoesNotStarveTheNewest() {
            var a = add("a");
            var b = add("b");
            b.room = 0;
            for (int i = 0; i < 1000; i++) {
                log.append(10 + i, "b" + i);
            }
            streams.poll(PLENTY, PLENTY);
            b.room = 1_000_000;
            streams.ready(b);
            log.append(5000, "a1");

            streams.poll(200, 200);

            assertThat(a.taken).containsExactly("a1");
            assertThat(b.taken).isNotEmpty().hasSizeLessThan(200);
        }

        @Test
        void newEntriesDoNotStarveAStreamFarBehind() {
            add("a");
            var b = add("b");
            b.room = 0;
            log.append(10, "b1");
            streams.poll(PLENTY, PLENTY);
            for (int i = 0; i < 1000; i++) {
                log.append(20 + i, "a" + i);
            }
            b.room = 10;
            streams.ready(b);

            streams.poll(200, 200);

            assertThat(b.taken).containsExactly("b1");
        }

        @Test
        void aHeldEntryCountsAsWorkSoThatNobodyIdlesTooEarly() {
            var b = add("b");
            b.room = 0;
            log.append(10, "b1", "b2");
            streams.poll(PLENTY, PLENTY);
            streams.ready(b);
            streams.poll(PLENTY, PLENTY); // now it holds b1 with a reader of its own
            b.room = 10;
            streams.ready(b);

            int polls = 0;
            while (streams.poll(1, 1) > 0) {
                polls++;
            }

            assertThat(b.taken).containsExactly("b1", "b2");
            assertThat(polls).isGreaterThanOrEqualTo(2);
        }
    }

    @Nested
    class WhenAStreamIsMoved {

        @Test
        void backItReadsAgainFromThere() {
            var a = add("a");
            var b = add("b");
            log.append(10, "a1", "b1");
            log.append(20, "a2", "b2");
            streams.poll(PLENTY, PLENTY);

            streams.moveTo(a, new Position(10, 1), 0);
            streams.poll(PLENTY, PLENTY);

            assertThat(a.taken).containsExactly("a1", "a2", "a2");
            assertThat(b.taken).containsExactly("b1", "b2");
        }

        @Test
        void forwardItSkipsWhatLiesBetween() {
            var a = add("a");
            log.append(10, "a1");
            log.append(20, "a2");

            streams.moveTo(a, new Position(20, 0), 0);
            streams.poll(PLENTY, PLENTY);

            assertThat(a.taken).containsExactly("a2");
        }

        @Test
        void removedItGetsNothingAndItsReaderIsClosed() {
            var a = add("a");
            a.room = 0;
            log.append(10, "a1");
            streams.poll(PLENTY, PLENTY);
            streams.ready(a);
            streams.poll(PLENTY, PLENTY);
            assertThat(log.openCursors()).isEqualTo(2);

            letters.remove("a");
            streams.remove(a);
            streams.poll(PLENTY, PLENTY);

            assertThat(log.openCursors()).isEqualTo(1);
            assertThatThrownBy(() -> streams.ready(a)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void closeLeavesNoReaderOpen() {
            var a = add("a");
            a.room = 0;
            log.append(10, "a1");
            streams.poll(PLENTY, PLENTY);
            streams.ready(a);
            streams.poll(PLENTY, PLENTY);

            streams.close();

            assertThat(log.openCursors()).isZero();
        }
    }

    /** Against a model that is nothing but the filtered list: whatever happens, a stream reads on in its own list. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8})
    void s7_eachStreamSeesExactlyItsEntriesInOrderUnderAnySchedule(int streamCount) {
        for (int seed = 0; seed < 2000; seed++) {
            new Schedule(streamCount, seed).run();
        }
    }

    private Letters add(String letter) {
        var stream = new Letters(letter);
        letters.put(letter, stream);
        streams.add(stream, START, 0);
        return stream;
    }

    /** Takes the entries that begin with its letter while it has room. */
    private static final class Letters implements LogStream<FakeLog.Cursor> {

        private final String letter;
        private final List<String> taken = new ArrayList<>();
        private int room = 1_000_000;

        Letters(String letter) {
            this.letter = letter;
        }

        @Override
        public boolean wants(FakeLog.Cursor entry) {
            return entry.text().startsWith(letter);
        }

        @Override
        public boolean take(FakeLog.Cursor entry) {
            if (room == 0) {
                return false;
            }
            room--;
            taken.add(entry.text());
            return true;
        }
    }

    private static final class Schedule {

        private final int seed;
        private final Random random;
        private final FakeLog log = new FakeLog();
        private final List<Letters> all = new ArrayList<>();
        private final List<List<String>> expected = new ArrayList<>();
        private final int[] next; // what the model says comes next, an index in the log
        private final LogStreams<FakeLog.Cursor> streams;
        private long index = 1;
        private int counter;

        Schedule(int streamCount, int seed) {
            this.seed = seed;
            this.random = new Random(seed * 31L + streamCount);
            next = new int[streamCount];
            streams = new LogStreams<>(
                    log::cursor,
                    entry -> {
                        int which = entry.text().charAt(0) - 'a';
                        return which < all.size() ? all.get(which) : null;
                    },
                    START,
                    0);
            for (int i = 0; i < streamCount; i++) {
                all.add(new Letters(String.valueOf((char) ('a' + i))));
                expected.add(new ArrayList<>());
                streams.add(all.get(i), START, 0);
            }
        }

        void run() {
            for (int step = 0; step < 60; step++) {
                step();
                check();
            }
            for (var stream : all) {
                stream.room = 1_000_000;
                streams.ready(stream);
            }
            for (int polls = 0; streams.poll(1 + random.nextInt(20), 1 + random.nextInt(20)) > 0; polls++) {
                assertThat(polls).as("it comes to an end, seed %d", seed).isLessThan(10_000);
            }
            check();
            for (int i = 0; i < all.size(); i++) {
                takeInModel(i, Integer.MAX_VALUE);
                assertThat(all.get(i).taken).as("stream %d, seed %d", i, seed).isEqualTo(expected.get(i));
                assertThat(streams.isAttached(all.get(i))).isTrue();
                assertThat(streams.behind(all.get(i))).isZero();
            }
            assertThat(log.openCursors()).isEqualTo(1);
        }

        private void step() {
            int i = random.nextInt(all.size());
            switch (random.nextInt(8)) {
                case 0, 1 -> append();
                case 2, 3, 4 -> streams.poll(1 + random.nextInt(40), 1 + random.nextInt(10));
                case 5 -> {
                    all.get(i).room = random.nextInt(6);
                    streams.ready(all.get(i));
                }
                case 6 -> streams.ready(all.get(i)); // also when it has no room: it is asked, and refuses again
                default -> move(i);
            }
        }

        private void append() {
            index += 1 + random.nextInt(3);
            var texts = new String[1 + random.nextInt(4)];
            for (int k = 0; k < texts.length; k++) {
                texts[k] = (char) ('a' + random.nextInt(all.size() + 1)) + String.valueOf(counter++);
            }
            log.append(index, texts);
        }

        private void move(int i) {
            if (log.entries().isEmpty() || random.nextInt(3) > 0) {
                return;
            }
            takeInModel(i, all.get(i).taken.size() - expected.get(i).size());
            int to = random.nextInt(log.entries().size());
            streams.moveTo(all.get(i), log.entries().get(to).position(), 0);
            next[i] = to;
        }

        private void check() {
            for (int i = 0; i < all.size(); i++) {
                takeInModel(i, all.get(i).taken.size() - expected.get(i).size());
                assertThat(all.get(i).taken).as("stream %d, seed %d", i, seed).isEqualTo(expected.get(i));
                assertThat(streams.behind(all.get(i)))
                        .as("an upper bound, stream %d, seed %d", i, seed)
                        .isGreaterThanOrEqualTo(behindInModel(i));
            }
        }

        private void takeInModel(int i, int count) {
            for (int taken = 0; taken < count && next[i] < log.entries().size(); next[i]++) {
                var text = log.entries().get(next[i]).text();
                if (text.startsWith(all.get(i).letter)) {
                    expected.get(i).add(text);
                    taken++;
                }
            }
        }

        private long behindInModel(int i) {
            return log.entries().stream()
                    .skip(next[i])
                    .filter(entry -> entry.position().compareTo(streams.mainPosition()) < 0)
                    .filter(entry -> entry.text().startsWith(all.get(i).letter))
                    .count();
        }
    }
}
