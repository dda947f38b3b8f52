package dev.syncline.testkit.kill;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One key as a handler knows it, over all processes. */
final class KeyLine {

    /** A call of the handler that has not returned. */
    static final class Attempt {
        final Life life;
        final Fact fact;
        boolean hadEffect;

        /** Allowed before its process was paused: who has the key now knows nothing of it, and cannot prevent it. */
        boolean isZombie;

        /** A zombie that ran beside another's. */
        boolean hasMet;

        Attempt(Life life, Fact fact) {
            this.life = life;
            this.fact = fact;
        }
    }

    /** The highest number that had an effect. */
    long newest = Long.MIN_VALUE;

    /** Usually none or one. */
    final List<Attempt> running = new ArrayList<>(1);

    @Nullable
    Attempt attempt(Life life, Fact fact) {
        for (var attempt : running) {
            if (attempt.life == life && attempt.fact == fact) {
                return attempt;
            }
        }
        return null;
    }
}
