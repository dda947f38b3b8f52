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
record HandlerLetters(String handler, LaneParking parking, Lanes lanes, Handling handling, EnvelopeReader reader)
        implements LetterBox {

    private static final String DAMAGED = "letter.damaged";

    @Override
    public List<DeadLetter> list(Selection which, long after, int limit) {
        var store = parking.storeIfAny();
        return store == null ? List.of() : store.deadLetters(handler, which, after, limit);
    }

    @Override
    public long count(Selection which) {
        var store = parking.storeIfAny();
        return store == null ? 0 : store.countDeadLetters(handler, which);
    }

    @Override
    public @Nullable ParkedKey find(DeadLetter letter) {
        var store = parking.storeIfAny();
        return store == null ? null : store.find(letter);
    }

    @Override
    public CompletableFuture<Boolean> redrive(ParkedKey key, DeadLetter letter) {
        return lanes.redrive(key.shard(), key.topic(), key.name(), letter.letter());
    }

    @Override
    public CompletableFuture<Boolean> skip(ParkedKey key, DeadLetter letter, String who, String why) {
        return lanes.skip(key.shard(), key.topic(), key.name(), letter.letter(), who, why);
    }

    @Override
    public CompletableFuture<Integer> drop(ParkedKey key, DeadLetter letter, String who, String why) {
        return lanes.drop(key.shard(), key.topic(), key.name(), letter.letter(), who, why);
    }

    @Override
    public @Nullable String refusal(ParkedKey key) {
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
