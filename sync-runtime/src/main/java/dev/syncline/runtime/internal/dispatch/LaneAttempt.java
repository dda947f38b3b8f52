package dev.syncline.runtime.internal.dispatch;

import dev.syncline.api.Delivery;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.settle.InFlight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An attempt on a lane's own thread, with what the lane wants to know of it while it runs. That stands here and not in the
 * lane because a young object that an old one refers to costs a fence under most collectors, for each event.
 */
final class LaneAttempt extends Attempt {

    /** The event of an idle key: its key is not in the table. Null if its keys are. */
    final @Nullable InFlight alone;

    /** Whether the lane is in its call just now. Lane's thread. */
    boolean isInline;

    /** How it ended during its call; null if it goes on. Lane's thread. */
    @Nullable
    List<Verdict> verdicts;

    LaneAttempt(
            int route, List<Envelope> events, Delivery delivery, Attempt.Listener listener, @Nullable InFlight alone) {
        super(route, events, delivery, listener);
        this.alone = alone;
    }
}
