package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.StoreId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the index of what the log holds, from its oldest entry on. A letter that was copied is there twice if a crash
 * came before its old file was dropped: the later place counts, the order stays that of the first. What a close names is
 * gone; the close of a letter always stands behind all its copies.
 *
 * <p>A state whose letter cannot be read tells which key it was the head of: that key waits for a person, as the state
 * says it did, rather than let what is behind the lost event go on as if it had never been.
 */
final class Recovery {

    private final RecordReader record;
    private final ParkIndex index;
    private final Damage damage;
    private final Map<Long, FoundLetter> letters = new HashMap<>();
    private final Map<Long, FoundState> states = new HashMap<>();

    private Recovery(StoreId store, ParkIndex index, Damage damage) {
        this.record = new RecordReader(store);
        this.index = index;
        this.damage = damage;
    }

    static void run(EventLog log, StoreId store, ParkIndex index, Damage damage) {
        var recovery = new Recovery(store, index, damage);
        recovery.read(log);
        recovery.build();
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
                    case DAMAGED -> damage.at(reader.index(), reader.damage());
                    case ENTRY -> take(record.open(reader), reader.index(), reader.length());
                }
            }
        }
    }

    private void take(int kind, long at, int bytes) {
        switch (kind) {
            case RecordLayout.LETTER -> {
                var identity = new Identity(record.identityHigh(), record.identityLow(), record.letterDigest());
                letters.put(
                        record.letter(),
                        new FoundLetter(
                                record.letter(), at, bytes, record.letterShard(), record.letterKey(), identity));
            }
            case RecordLayout.STATE -> states.put(record.letter(), state(at, bytes));
            case RecordLayout.CLOSE -> {
                for (long letter : record.closed()) {
                    letters.remove(letter);
                    states.remove(letter);
                }
            }
            default -> throw new AssertionError("kind " + kind);
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

    private void build() {
        states.forEach((number, state) -> {
            if (state.lost != null) {
                letters.putIfAbsent(number, state.lost);
            }
        });
        var inOrder = new ArrayList<>(letters.values());
        inOrder.sort(Comparator.comparingLong(FoundLetter::number));
        for (var found : inOrder) {
            var letter = index.add(found.shard, found.key, found.number, found.index, found.identity, found.bytes);
            var state = states.get(found.number);
            if (state != null && letter.key.head() == found.number) {
                var was = state.state;
                index.setState(
                        letter.key,
                        letter.isLost() ? was.lost(was.lastFailureMillis()) : was,
                        state.index,
                        state.bytes);
            }
        }
    }

    private record FoundLetter(long number, long index, int bytes, int shard, KeyName key, Identity identity) {}

    /** @param lost what the letter is if it is not there; null if that is not known */
    private record FoundState(
            HeadState state,
            long index,
            int bytes,
            @Nullable FoundLetter lost) {}
}
