package dev.syncline.runtime;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The events that handlers of this instance could not handle and that are out of attempts, and what a person can do about
 * them: mend the cause and hand them in again, or give them up.
 *
 * <pre>{@code
 * var broken = Selection.all().ofHandler("shop").withCode("no.mapper");
 * for (DeadLetter letter : sync.deadLetters().list(broken, null, 100)) { … }
 * sync.deadLetters().redrive(broken, Redrive.atMost(50)).thenAccept(done -> …);
 * }</pre>
 *
 * <p>An event that is dead keeps the later ones of its key behind it, so that none overtakes it. That ends in one of
 * three ways. <b>Redrive</b>: it is attempted again, with a fresh budget of attempts, after being decoded, lifted and
 * checked by what the application knows today; if it succeeds, those behind it follow in order, and live events of the
 * key queue behind them. <b>Skip</b>: it is given up, alone; those behind it follow. <b>Drop</b>: it is given up with all
 * that wait behind it. What is given up is on record with who and why, and its payload is gone once its file is.
 *
 * <p>Events that a broker refuses for good, too large for it or invalid, are among them, under the handler name
 * {@code relay:} and the broker's ({@code relay:default}): a redrive has them sent again.
 *
 * <p>Why the commands answer with a {@link CompletionStage}: only the lane that owns a key may change it, and that lane
 * may be in a handler for as long as the handler's timeout allows; a redrive at a rate may go on for hours. A caller
 * that wants to wait says for how long: {@code .toCompletableFuture().get(30, SECONDS)}. Giving up waiting does not take
 * the command back. Stages complete on threads of Syncline: what is chained to them must not block; hand longer work to
 * an executor of your own with the {@code Async} methods. A stage completes exceptionally with an
 * {@link dev.syncline.api.OutboxException} if the disk failed (then it shows after the next start what was stored), and
 * with {@link IllegalStateException} if the instance was closed first (then the command did not take place).
 *
 * <p>Commands are durable once their stage completes normally. Repeating one is harmless: it finds nothing left to do.
 *
 * <p>Threading: all methods may be called from any thread, none of them waits for a lane.
 */
public interface DeadLetters {

    /**
     * Lists dead letters, those of a handler in the order in which they were parked, handlers by id. A snapshot: other
     * letters may die or go meanwhile. Reads the local disk for each that it returns.
     *
     * @param after the last one of the page before; null to begin
     * @param limit most letters returned, 1 to 10,000
     * @return empty if there are no more
     * @throws dev.syncline.api.OutboxException if the disk failed
     */
    List<DeadLetter> list(Selection which, @Nullable DeadLetter after, int limit);

    /** How many there are; does not touch the disk. */
    long count(Selection which);

    /**
     * Hands in again what is selected, one key at a time and at most as many a second as asked for. Those that die
     * meanwhile are not part of it. Two redrives of the same letter are one.
     *
     * @return completes when all of them are handed in, not when they are handled: see {@link #list}, health and meters
     *     for what becomes of them
     */
    CompletionStage<Redriven> redrive(Selection which, Redrive how);

    /**
     * Hands in one again. One that the disk has damaged, {@code letter.damaged}, cannot be: the stage completes
     * exceptionally with an {@link dev.syncline.api.OutboxException} that says so, and nothing has changed; skip or drop it.
     *
     * @return whether it was handed in; false if it is no dead letter any more
     */
    CompletionStage<Boolean> redrive(DeadLetter letter);

    /**
     * Gives up one, alone; those behind it follow.
     *
     * @param who who decided it, for the record
     * @param why why, for the record
     * @return whether it was given up now; false if it is no dead letter any more
     * @throws IllegalArgumentException if {@code who} or {@code why} is blank
     */
    CompletionStage<Boolean> skip(DeadLetter letter, String who, String why);

    /**
     * Gives up one and all that wait behind it when the command takes place. Later events of the key are handled as they
     * come.
     *
     * @param who who decided it, for the record
     * @param why why, for the record
     * @return how many were given up; 0 if it is no dead letter any more
     * @throws IllegalArgumentException if {@code who} or {@code why} is blank
     */
    CompletionStage<Integer> drop(DeadLetter letter, String who, String why);

    /**
     * Which dead letters are meant. Immutable; everything that is not said is left open.
     *
     * @param handler durable id of a handler, or {@code relay:<broker>}
     * @param topic of the events
     * @param key of the events; an empty one means those without a key
     * @param code why they are dead, the whole code
     */
    record Selection(Optional<String> handler, Optional<String> topic, Optional<String> key, Optional<String> code) {

        private static final Selection ALL =
                new Selection(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        public Selection {
            Objects.requireNonNull(handler, "handler");
            Objects.requireNonNull(topic, "topic");
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(code, "code");
        }

        /** All of them. */
        public static Selection all() {
            return ALL;
        }

        /** Only those of a handler. */
        public Selection ofHandler(String id) {
            return new Selection(Optional.of(id), topic, key, code);
        }

        /** Only those of a topic. */
        public Selection ofTopic(String name) {
            return new Selection(handler, Optional.of(name), key, code);
        }

        /** Only that of a key, which its topic scopes. */
        public Selection ofKey(String topicName, String keyName) {
            return new Selection(handler, Optional.of(topicName), Optional.of(keyName), code);
        }

        /** Only those dead for this reason. */
        public Selection withCode(String reasonCode) {
            return new Selection(handler, topic, key, Optional.of(reasonCode));
        }

        /** Whether one is meant, given what is known of it without reading it. */
        public boolean matches(String handlerId, String topicName, String keyName, String reasonCode) {
            return isOpenOr(handler, handlerId)
                    && isOpenOr(topic, topicName)
                    && isOpenOr(key, keyName)
                    && isOpenOr(code, reasonCode);
        }

        private static boolean isOpenOr(Optional<String> wanted, String actual) {
            return wanted.isEmpty() || wanted.get().equals(actual);
        }
    }

    /**
     * How letters are handed in again.
     *
     * @param isDryRun whether nothing is to be changed: each is decoded, lifted and checked only
     * @param perSecond most letters a second, over all handlers; at least 1
     */
    record Redrive(boolean isDryRun, int perSecond) {

        public Redrive {
            if (perSecond < 1) {
                throw new IllegalArgumentException("at least 1 letter a second, not " + perSecond);
            }
        }

        /** For real, at this rate. */
        public static Redrive atMost(int perSecond) {
            return new Redrive(false, perSecond);
        }

        /** Changes nothing and says what would become of them. */
        public static Redrive dryRun() {
            return new Redrive(true, Integer.MAX_VALUE);
        }
    }

    /**
     * What a redrive did.
     *
     * @param selected letters that were dead and meant when it began
     * @param handedIn those that are attempted again; on a dry run those that would be
     * @param refused those that still cannot be decoded, lifted or checked, by reason code: they stay as they are
     */
    record Redriven(long selected, long handedIn, Map<String, Long> refused) {

        public Redriven {
            refused = Map.copyOf(refused);
        }
    }
}
