package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.park.LaneParking;
import dev.syncline.runtime.internal.park.LetterDamagedException;
import dev.syncline.runtime.internal.park.ParkedKey;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The dead letters of one handler on one broker: what its store says, and the lanes that carry commands out. */
record LetterBox(String handler, LaneParking parking, Lanes lanes, Handling handling, EnvelopeReader reader) {

    private static final String DAMAGED = "letter.damaged";

    List<DeadLetter> list(Selection which, long after, int limit) {
        var store = parking.storeIfAny();
        return store == null ? List.of() : store.deadLetters(handler, which, after, limit);
    }

    long count(Selection which) {
        var store = parking.storeIfAny();
        return store == null ? 0 : store.countDeadLetters(handler, which);
    }

    /** The key that the letter is the dead head of; null if it is not, or not here. */
    @Nullable
    ParkedKey find(DeadLetter letter) {
        var store = parking.storeIfAny();
        return store == null ? null : store.find(letter);
    }

    CompletableFuture<Boolean> redrive(ParkedKey key, DeadLetter letter) {
        return lanes.redrive(key.shard(), key.topic(), key.name(), letter.letter());
    }

    CompletableFuture<Boolean> skip(ParkedKey key, DeadLetter letter, String who, String why) {
        return lanes.skip(key.shard(), key.topic(), key.name(), letter.letter(), who, why);
    }

    CompletableFuture<Integer> drop(ParkedKey key, DeadLetter letter, String who, String why) {
        return lanes.drop(key.shard(), key.topic(), key.name(), letter.letter(), who, why);
    }

    /** The code by which an attempt at the head would be refused; null if it would be made. */
    @Nullable
    String refusal(ParkedKey key) {
        var store = parking.storeIfAny();
        if (store == null) {
            return null;
        }
        try {
            return handling.refusal(store.readHead(key).envelope(reader, true));
        } catch (LetterDamagedException damaged) {
            return DAMAGED;
        }
    }
}
