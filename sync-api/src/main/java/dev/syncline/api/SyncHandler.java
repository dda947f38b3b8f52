package dev.syncline.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says that the class keeps one target in step with the events that its {@link OnEvent} methods take.
 *
 * <p>A handler is a class because order, duplicates, retries and position are one thing: what one target knows. Each
 * handler reads its topics on its own, under the broker group {@code <application>.<id>}. Two methods of one class
 * never run for the same key at the same time, and never out of order; two classes know nothing of each other.
 *
 * <p>An element left at its default means <em>inherit</em>. Later wins: built-in, settings {@code defaults.*},
 * annotation, builder, settings {@code handlers.<id>.*}. The start report prints every value and where it came from.
 * An element whose doc says "not available yet" is refused with a clear error when it is set.
 *
 * <p>Threading: methods run on the handler's lanes, up to {@link #concurrency} at once, one at a time per key. The
 * instance must be safe for use by several threads.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface SyncHandler {

    /**
     * The handler's durable id, {@code [a-z][a-z0-9-]*}: the broker group, and all state, hang on it, so it stays when
     * the class is renamed. A class with {@link OnEvent} methods and without this annotation gets its name in kebab
     * case.
     */
    String value();

    /** The system that the handler writes to; events whose origin it is are dropped, so that no change echoes. */
    String target() default "";

    /** Name of the transactional store that the effect commits in. Not available yet. */
    String transaction() default "";

    /**
     * Says that the same event twice is harmless. A method that takes a {@code List} and throws is then called again with
     * each half of it, until what fails stands alone: only its key waits, and the others have spent no attempt. Without it
     * the list is tried again as a whole. What is thrown by {@code Outcome.retryAfter} or {@code hold} halves nothing.
     */
    boolean idempotent() default false;

    /**
     * For methods that take a {@code List}: at most so many events at once; 0 means inherit (100). A batch is what is
     * there, it never waits to fill.
     */
    int batch() default 0;

    /** How many keys may be worked on at once; 0 means inherit (the number of cores). */
    int concurrency() default 0;

    /**
     * Pauses before the attempts in place, such as {@code "100ms 200ms 400ms"}; empty means inherit (just that),
     * {@code "none"} switches off.
     */
    String retry() default "";

    /**
     * Pauses before the later attempts, during which the key waits and the others go on, such as
     * {@code "1s 5s 30s 5m"}; the last one repeats. Empty means inherit, {@code "none"} switches off.
     */
    String retryLater() default "";

    /**
     * How long an attempt may run, such as {@code "30s"}; empty means inherit (5 minutes), {@code "none"} switches off.
     *
     * <p>An attempt that runs longer has its thread interrupted. If it then throws, whatever it is, it has failed with
     * code {@code timeout} and is tried again as after any failure; if it returns, its answer counts. Until it does
     * either, its key waits, and the others go on without it. A method that answers with a stage has no thread that
     * could be interrupted: its key waits for the stage.
     */
    String timeout() default "";

    /**
     * When the later pauses come to so much in all, the event is a dead letter and its key waits for a person, such as
     * {@code "24h"}; empty means inherit (just that).
     */
    String giveUpAfter() default "";

    /**
     * Exceptions that no retry can cure: the event is a dead letter at once. Of {@code rejectOn}, {@link #holdOn} and what
     * is built in the nearest class above what was thrown counts; the start report prints the table.
     */
    Class<? extends Throwable>[] rejectOn() default {};

    /** Exceptions that say that the target is away: intake pauses for 30 s, no attempt is spent. */
    Class<? extends Throwable>[] holdOn() default {};

    /**
     * The modes to take; empty means all. {@code LIVE} alone keeps side effects out of backfill and replay. A redrive comes
     * always: what it hands in was taken when it came first.
     */
    Delivery.Mode[] modes() default {};

    /** What happens on a delete that no method of the class takes. */
    Deletes deletes() default Deletes.HANDLE;

    /** Whether a handler of state must also take deletes. */
    enum Deletes {
        /** A handler of state that takes no deletes is a wiring fault. */
        HANDLE,
        /** Deletes that no method takes are settled and counted. */
        IGNORE
    }
}
