package dev.syncline.runtime.internal.inbox;

import dev.syncline.api.EventType.Kind;
import net.bytebuddy.asm.Advice;

/** What a guard could do wrong. */
public final class GuardDefects {

    private GuardDefects() {}

    /** A delete leaves nothing behind. */
    public static final class IgnoresDeletes {
        private IgnoresDeletes() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.Argument(0) EntityChange change) {
            return change.kind() == Kind.DELETE;
        }
    }

    /** Deletes and states, which have methods of their own, know nothing of each other. */
    public static final class PerMethod {
        private PerMethod() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(value = 0, readOnly = false) EntityChange change) {
            change = new EntityChange(
                    change.shard(),
                    change.origin(),
                    change.topic() + change.kind(),
                    change.key(),
                    change.version(),
                    change.kind());
        }
    }
}
