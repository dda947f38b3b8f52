package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.envelope.LogText;
import org.jspecify.annotations.Nullable;

/**
 * How letters end.
 *
 * @param who who said so; empty for the runtime itself
 * @param why empty if it was handled
 */
public record Closing(How how, String who, String why) {

    /** Its handling succeeded. */
    public static final Closing DONE = new Closing(How.DONE, "", "");

    public Closing {
        who = LogText.of(who);
        why = LogText.of(why);
    }

    /** A person gave up the head of a key: those behind it go on. */
    public static Closing skipped(String who, String why) {
        return new Closing(How.SKIPPED, who, why);
    }

    /** A person gave up all letters of a key. */
    public static Closing dropped(String who, String why) {
        return new Closing(How.DROPPED, who, why);
    }

    /** The ways. */
    public enum How {
        /** Handled. */
        DONE(1),
        /** Given up, alone. */
        SKIPPED(2),
        /** Given up with the rest of its key. */
        DROPPED(3);

        private final int code;

        How(int code) {
            this.code = code;
        }

        /** On the disk; never changes. */
        int code() {
            return code;
        }

        static @Nullable How of(int code) {
            for (var how : values()) {
                if (how.code == code) {
                    return how;
                }
            }
            return null;
        }
    }
}
