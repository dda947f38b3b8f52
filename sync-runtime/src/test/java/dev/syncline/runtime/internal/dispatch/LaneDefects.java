package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.settle.InFlight;
import java.util.List;
import net.bytebuddy.asm.Advice;

/** What a lane could do wrong. */
public final class LaneDefects {

    private LaneDefects() {}

    /** A duplicate is handed over again. */
    public static final class AppliesAgain {
        private AppliesAgain() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) Answer answer) {
            if (answer == Answer.DUPLICATE) {
                answer = Answer.APPLY;
            }
        }
    }

    /** What was parked is settled at once, forced or not. */
    public static final class SettlesFirst {
        private SettlesFirst() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return boolean isParked, @Advice.FieldValue("unforced") List<InFlight> unforced) {
            if (isParked) {
                var head = unforced.remove(unforced.size() - 1);
                head.settle();
                head.end();
            }
        }
    }

    /** The failed head goes behind the others of its key. */
    public static final class NextGoesFirst {
        private NextGoesFirst() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) KeyState state) {
            state.events.add(state.events.remove());
        }
    }
}
