package dev.syncline.runtime.internal.inbox;

import dev.syncline.api.EventType.Kind;
import net.bytebuddy.asm.Advice;

/** What a guard could do wrong; in its package, because it is woven into it. */
public final class PlantedInGuard {

    private PlantedInGuard() {}

    /** A delete leaves nothing behind. */
    public static final class IgnoresDeletes {
        private IgnoresDeletes() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.Argument(0) EntityChange change) {
            return change.kind() == Kind.DELETE;
        }
    }
}
