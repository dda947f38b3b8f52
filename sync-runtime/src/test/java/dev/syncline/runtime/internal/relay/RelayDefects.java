package dev.syncline.runtime.internal.relay;

import net.bytebuddy.asm.Advice;

/** What a relay could do wrong. */
public final class RelayDefects {

    private RelayDefects() {}

    /** A new producer sends while the old one still has messages on its way. */
    public static final class DoesNotWait {
        private DoesNotWait() {}

        @Advice.OnMethodExit
        static void exit(
                @Advice.This RelayCore core, @Advice.Argument(0) Session session, @Advice.Argument(1) long nowNanos) {
            core.onClosed(session, nowNanos);
        }
    }

    /** Goes on behind what was not sent. */
    public static final class TakesForSent {
        private TakesForSent() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.Argument(0) Flow flow) {
            if (flow.window.pending() == 0) {
                flow.window.clear();
            }
            return true;
        }
    }
}
