package dev.syncline.runtime.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.syncline.api.OutboxException;
import dev.syncline.spi.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ProgressTest {

    private static final Logger LOG = (Logger) LoggerFactory.getLogger(Progress.class);
    private static final Destination TOPIC = new Destination("default", "catalog.product");
    private static final long SAVE_EVERY = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LATER = SAVE_EVERY + 1;

    private final List<Cursors> stored = new ArrayList<>(List.of(Cursors.NONE));
    private boolean isDiskFull;
    private int forced;

    private final CursorStore store = new CursorStore() {
        @Override
        public Cursors load() {
            return stored.get(stored.size() - 1);
        }

        @Override
        public void save(Cursors cursors) {
            if (isDiskFull) {
                throw new OutboxException("no room");
            }
            stored.add(cursors);
        }

        @Override
        public void saveForced(Cursors cursors) {
            save(cursors);
            forced++;
        }
    };

    @BeforeEach
    void quiet() {
        LOG.setLevel(Level.OFF);
    }

    @AfterEach
    void loud() {
        LOG.setLevel(null);
    }

    private static Mark mark(long index) {
        return new Mark(Position.of(index), index);
    }

    private static Cursors at(long read, long shipped) {
        return Cursors.of(mark(read), Map.of(TOPIC, mark(shipped)));
    }

    private Progress loaded(long end) {
        return new Progress(store, SAVE_EVERY, mark(end), 0);
    }

    @Test
    void s1_cursorsBeyondTheEndOfTheOutboxGoBackToItsEnd() {
        stored.add(at(20, 15));

        assertThat(loaded(20).saved()).isEqualTo(at(20, 15));
        assertThat(forced).isZero();
        assertThat(loaded(17).saved()).isEqualTo(at(17, 15));
        assertThat(loaded(9).saved()).isEqualTo(at(9, 9));
        assertThat(forced).as("on the disk before anything comes").isEqualTo(2);
        assertThat(stored).endsWith(at(17, 15), at(9, 9));
    }

    @Test
    void nothingIsDueWhereNothingHappened() {
        stored.add(at(5, 5));
        var progress = loaded(5);

        assertThat(progress.isDue(Position.of(5), 100 * LATER)).isFalse();
        assertThat(progress.nanosToNextTimer(Position.of(5), 0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatADestinationDidIsSavedSoonAndWhatWasReadForNobodyLate() {
        var progress = loaded(5);

        assertThat(progress.isDue(Position.of(1), LATER)).isFalse();
        assertThat(progress.nanosToNextTimer(Position.of(1), LATER)).isEqualTo(Progress.SAVE_READ_MARK_EVERY - LATER);
        assertThat(progress.isDue(Position.of(1), Progress.SAVE_READ_MARK_EVERY))
                .isTrue();
        progress.changed();
        assertThat(progress.isDue(Position.of(1), LATER - 2)).isFalse();
        assertThat(progress.isDue(Position.of(1), LATER)).isTrue();
        assertThat(progress.nanosToNextTimer(Position.of(1), 0)).isEqualTo(SAVE_EVERY);
    }

    /** Retention drops what lies below: it must not go by what is only known, or a crash would need what was dropped. */
    @Test
    void s26_whatIsNeededIsWhatWasSavedNotWhatIsKnown() {
        stored.add(at(5, 3));
        var progress = loaded(9);
        isDiskFull = true;
        progress.save(at(9, 9), LATER);
        assertThat(progress.lowestNeeded()).isEqualTo(3);

        isDiskFull = false;
        progress.save(at(9, 8), 2 * LATER);
        assertThat(progress.lowestNeeded()).isEqualTo(8);
    }

    @Test
    void aDiskThatRefusesIsAProblemUntilItTakesAndIsAskedAgain() {
        var progress = loaded(9);
        isDiskFull = true;

        assertThat(progress.save(at(4, 4), LATER)).as("is new").isTrue();
        assertThat(progress.problem()).contains("not saved").contains("no room");
        assertThat(progress.isDue(Position.of(4), 2 * LATER)).isTrue();

        isDiskFull = false;
        assertThat(progress.save(at(4, 4), 2 * LATER)).as("is over").isTrue();
        assertThat(progress.problem()).isNull();
        assertThat(progress.save(at(4, 4), 3 * LATER)).as("nothing to tell").isFalse();
        assertThat(stored).endsWith(at(4, 4));
    }
}
