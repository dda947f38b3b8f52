package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.park.Doubts.Doubtful;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Makes the index of what the log holds, from its oldest entry on. A letter that was copied is there twice if a crash
 * came before its old file was dropped: the later place counts, the order stays that of the first. What a close names is
 * gone; the close of a letter always stands behind all its copies.
 *
 * <p>A state whose letter cannot be read tells which key it was the head of: that key waits for a person, as the state
 * says it did, rather than let what is behind the lost event go on as if it had never been. Where none tells, what stands
 * behind it is in {@linkplain Doubts doubt}.
 */
final class Recovery {

    private final RecordReader record;
    private final Damage damage;
    private final boolean isTearing;
    private final Map<Long, FoundLetter> letters = new HashMap<>();
    private final Map<Long, FoundState> states = new HashMap<>();
    private final Map<Long, Place> placesInDoubt = new HashMap<>();
    private boolean isDamaged;

    private Recovery(StoreId store, Damage damage, boolean isTearing) {
        this.record = new RecordReader(store);
        this.damage = damage;
        this.isTearing = isTearing;
    }

    /**
     * Reads the log.
     *
     * @param isTearing whether a power failure may damage what was not forced and leave what stands behind it
     */
    static Recovery of(EventLog log, StoreId store, Damage damage, boolean isTearing) {
        var recovery = new Recovery(store, damage, isTearing);
        recovery.read(log);
        return recovery;
    }

    private void read(EventLog log) {
        try (var reader = log.newReader()) {
            for (var step = reader.next(); ; step = reader.next()) {
                switch (step) {
                    case NOTHING -> {
                        if (!log.tailDamage().isEmpty()) {
                            damage.at(log.lastIndex() + 1, log.tailDamage());
                        }
                        return;
                    }
                    case DAMAGED -> {
                        isDamaged = true;
                        damage.at(reader.index(), reader.damage());
                    }
                    case ENTRY -> take(record.open(reader), reader.index(), reader.length());
                }
            }
        }
    }

    private void take(int kind, long at, int bytes) {
        switch (kind) {
            case RecordLayout.LETTER -> takeLetter(at, bytes);
            case RecordLayout.STATE -> states.put(record.letter(), state(at, bytes));
            case RecordLayout.CLOSE -> {
                for (long letter : record.closed()) {
                    letters.remove(letter);
                    states.remove(letter);
                    placesInDoubt.remove(letter);
                }
            }
            default -> throw new AssertionError("kind " + kind);
        }
    }

    private void takeLetter(long at, int bytes) {
        long number = record.letter();
        var identity = new Identity(record.identityHigh(), record.identityLow(), record.letterDigest());
        letters.put(number, new FoundLetter(number, at, bytes, record.letterShard(), record.letterKey(), identity));
        if (isTearing && isDamaged && number == at) {
            placesInDoubt.put(number, new Place(record.letterPartition(), record.letterPosition()));
        }
    }

    private FoundState state(long at, int bytes) {
        var state = record.state();
        var key = record.stateKey();
        var lost = key == null
                ? null
                : new FoundLetter(
                        record.letter(),
                        EventLog.NONE,
                        0,
                        record.stateShard(),
                        key,
                        new Identity(record.identityHigh(), record.identityLow(), record.stateDigest()));
        return new FoundState(state, at, bytes, lost);
    }

    /**
     * Makes the index.
     *
     * @return what is not in it, since it stands behind what is lost and may come again
     */
    List<Doubtful> build(ParkIndex index) {
        states.forEach((number, state) -> {
            var lost = state.lost();
            if (lost != null) {
                letters.putIfAbsent(number, lost);
            }
        });
        var inDoubt = new ArrayList<Doubtful>();
        for (var letter : newestOfEach()) {
            var state = states.get(letter.number());
            var place = placesInDoubt.get(letter.number());
            if (place == null) {
                letter.addTo(index, state);
            } else {
                inDoubt.add(new Doubtful(letter, place.partition, place.position, state));
            }
        }
        return inDoubt;
    }

    /** In the order of their numbers. What was in doubt and came again may be there twice: then the newer one counts. */
    private List<FoundLetter> newestOfEach() {
        var newestFirst = new ArrayList<>(letters.values());
        newestFirst.sort(Comparator.comparingLong(FoundLetter::number).reversed());
        var seen = new HashSet<Identity>();
        newestFirst.removeIf(letter -> !seen.add(letter.identity()) && isTearing);
        Collections.reverse(newestFirst);
        return newestFirst;
    }

    private record Place(TopicPartition partition, Position position) {}
}
