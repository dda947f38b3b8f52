package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.internal.park.ParkedKey;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of one park store, and who carries out what people want done with them.
 *
 * <p>Threading: any.
 */
interface LetterBox {

    /** Under which name they are listed: a handler's id, or that of the way out to a broker. */
    String handler();

    List<DeadLetter> list(Selection which, long after, int limit);

    long count(Selection which);

    /** The key that the letter is the dead head of; null if it is not, or not here. */
    @Nullable
    ParkedKey find(DeadLetter letter);

    CompletableFuture<Boolean> redrive(ParkedKey key, DeadLetter letter);

    CompletableFuture<Boolean> skip(ParkedKey key, DeadLetter letter, String who, String why);

    CompletableFuture<Integer> drop(ParkedKey key, DeadLetter letter, String who, String why);

    /** The code by which an attempt at the head would be refused; null if it would be made. */
    @Nullable
    String refusal(ParkedKey key);
}
