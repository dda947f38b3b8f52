package dev.syncline.runtime.internal.dispatch;

import net.bytebuddy.asm.Advice;

/** What a lane could do wrong; in its package, because it is woven into it. */
public final class PlantedInLane {

    private PlantedInLane() {}

    /** The head counts as settled before the store was asked to take it. */
    public static final class SettlesBeforeItParks {
        private SettlesBeforeItParks() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(0) KeyState state) {
            state.head().settle();
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
