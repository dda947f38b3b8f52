package dev.syncline.runtime.internal.settle;

import net.bytebuddy.asm.Advice;

/** What a window could do wrong; in its package, because it is woven into it. */
public final class PlantedInWindow {

    private PlantedInWindow() {}

    /** What is settled settles all before it. */
    public static final class PassesTheUnfinished {
        private PassesTheUnfinished() {}

        @Advice.OnMethodEnter
        static void enter(
                @Advice.Argument(0) long ticket,
                @Advice.FieldValue("progress") Window.Progress progress,
                @Advice.FieldValue("mask") int mask,
                @Advice.FieldValue("states") byte[] states) {
            for (long before = progress.low; before < ticket; before++) {
                states[(int) before & mask] = 1;
            }
        }
    }
}
