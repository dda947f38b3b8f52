package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.LogReader.Step;
import dev.syncline.runtime.internal.log.StoreId;
import org.jspecify.annotations.Nullable;

/**
 * Reads letters from the log, wherever compaction has copied them meanwhile, and notes those that are lost. Any thread.
 */
final class LetterReader {

    private final ParkLog log;
    private final ParkIndex index;
    private final Damage damage;
    private final StoreId storeId;

    LetterReader(ParkLog log, ParkIndex index, Damage damage, StoreId storeId) {
        this.log = log;
        this.index = index;
        this.damage = damage;
        this.storeId = storeId;
    }

    /** Null if the log holds something else where the letter should be: then it is lost, and noted to be. */
    @Nullable
    ParkedEvent read(Letter letter) {
        var record = new RecordReader(storeId);
        try (var reader = log.newReader()) {
            while (true) {
                long at = place(letter);
                if (at == EventLog.NONE) {
                    return null;
                }
                reader.moveTo(at);
                var step = reader.next();
                if (step == Step.ENTRY
                        && reader.index() == at
                        && record.open(reader) == RecordLayout.LETTER
                        && record.letter() == letter.number) {
                    return record.event();
                }
                if (place(letter) == at) {
                    if (step == Step.DAMAGED) {
                        damage.at(at, reader.damage());
                    }
                    lose(letter, at);
                    return null;
                } // else it was copied forward and its file dropped, a moment ago
            }
        }
    }

    private void lose(Letter letter, long at) {
        log.lock();
        try {
            if (isThere(letter)) {
                index.lose(letter, at);
            }
        } finally {
            log.unlock();
        }
    }

    @SuppressWarnings("ReferenceEquality") // this very letter
    private static boolean isThere(Letter letter) {
        var shard = letter.key.index();
        synchronized (shard) {
            return shard.findNumber(letter.identityHigh, letter.identityLow, letter.number) == letter;
        }
    }

    private static long place(Letter letter) {
        synchronized (letter.key.index()) {
            return letter.index;
        }
    }
}
