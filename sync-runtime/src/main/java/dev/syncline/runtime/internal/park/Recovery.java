package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.StoreId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes the index of what the log holds, from its oldest entry on. A letter that was copied is there twice if a crash
 * came before its old file was dropped: the later place counts, the order stays that of the first. What a close names is
 * gone; the close of a letter always stands behind all its copies.
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
            case RecordLayout.STATE -> states.put(record.letter(), new FoundState(record.state(), at, bytes));
            case RecordLayout.CLOSE -> {
                for (long letter : record.closed()) {
                    letters.remove(letter);
                    states.remove(letter);
                }
            }
            default -> throw new AssertionError("kind " + kind);
        }
    }

    private void build() {
        var inOrder = new ArrayList<>(letters.values());
        inOrder.sort(Comparator.comparingLong(FoundLetter::number));
        for (var found : inOrder) {
            var letter = index.add(found.shard, found.key, found.number, found.index, found.identity, found.bytes);
            var state = states.get(found.number);
            if (state != null && letter.key.head() == found.number) {
                index.setState(letter.key, state.state, state.index, state.bytes);
            }
        }
    }

    private record FoundLetter(long number, long index, int bytes, int shard, KeyName key, Identity identity) {}

    private record FoundState(HeadState state, long index, int bytes) {}
}
