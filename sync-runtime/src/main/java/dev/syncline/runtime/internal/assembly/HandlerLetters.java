package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.internal.dispatch.Lanes;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.park.HeadState;
import dev.syncline.runtime.internal.park.LetterDamagedException;
import dev.syncline.runtime.internal.park.ParkStore;
import dev.syncline.runtime.internal.park.ParkedKey;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of one handler on one broker: what its stores say, and the lanes that carry commands out.
 *
 * @param stores those that there are just now: of shared state, one for each partition that is ours
 */
record HandlerLetters(
        String handler, Supplier<List<ParkStore>> stores, Lanes lanes, Handling handling, EnvelopeReader reader)
        implements LetterBox {

    @Override
    public List<DeadLetter> list(Selection which, long after, int limit) {
        return stores.get().stream()
                .flatMap(store -> store.deadLetters(handler, which, after, limit).stream())
                .sorted(Comparator.comparingLong(DeadLetter::letter))
                .limit(limit)
                .toList();
    }

    @Override
    public long count(Selection which) {
        return stores.get().stream()
                .mapToLong(store -> store.countDeadLetters(handler, which))
                .sum();
    }

    @Override
    public @Nullable ParkedKey find(DeadLetter letter) {
        for (var store : stores.get()) {
            var key = store.find(letter);
            if (key != null) {
                return key;
            }
        }
        return null;
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
        for (var store : stores.get()) {
            if (store.holds(key)) {
                try {
                    return handling.refusal(store.readHead(key).envelope(reader, true));
                } catch (LetterDamagedException damaged) {
                    return HeadState.DAMAGED;
                }
            }
        }
        return null;
    }
}
