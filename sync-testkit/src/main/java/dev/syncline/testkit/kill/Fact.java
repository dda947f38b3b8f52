package dev.syncline.testkit.kill;

import org.jspecify.annotations.Nullable;

/** One event, as its journal tells of it. */
final class Fact {

    final String id;
    final String key;
    final long seq;

    /** In which it was published. */
    final Life life;

    /** The life of the newest effect, by handler; null if there was none. */
    final @Nullable Life[] effectIn;

    final boolean[] isGivenUp;
    boolean isAccepted;
    boolean isRefused;

    Fact(String id, String key, long seq, Life life, int handlers) {
        this.id = id;
        this.key = key;
        this.seq = seq;
        this.life = life;
        this.effectIn = new Life[handlers];
        this.isGivenUp = new boolean[handlers];
    }

    boolean isOpenAt(int handler) {
        return effectIn[handler] == null && !isGivenUp[handler];
    }

    @Override
    public String toString() {
        return id + " (number " + seq + " of key " + key + ", published in life " + life + ")";
    }
}
