package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.internal.park.ParkedKey;
import dev.syncline.runtime.internal.relay.OutgoingParking;
import dev.syncline.runtime.internal.relay.Relay;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What a broker refuses for good; the relay carries commands out. */
record RelayLetters(OutgoingParking parking, Relay relay) implements LetterBox {

    @Override
    public String handler() {
        return parking.name();
    }

    @Override
    public List<DeadLetter> list(Selection which, long after, int limit) {
        return parking.deadLetters(which, after, limit);
    }

    @Override
    public long count(Selection which) {
        return parking.countDeadLetters(which);
    }

    @Override
    public @Nullable ParkedKey find(DeadLetter letter) {
        return parking.find(letter);
    }

    @Override
    public CompletableFuture<Boolean> redrive(ParkedKey key, DeadLetter letter) {
        return relay.redrive(parking, key, letter.letter());
    }

    @Override
    public CompletableFuture<Boolean> skip(ParkedKey key, DeadLetter letter, String who, String why) {
        return relay.skip(parking, key, letter.letter(), who, why);
    }

    @Override
    public CompletableFuture<Integer> drop(ParkedKey key, DeadLetter letter, String who, String why) {
        return relay.drop(parking, key, letter.letter(), who, why);
    }

    /** Only the broker knows. */
    @Override
    public @Nullable String refusal(ParkedKey key) {
        return null;
    }
}
