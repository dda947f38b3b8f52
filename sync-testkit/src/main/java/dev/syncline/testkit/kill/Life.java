package dev.syncline.testkit.kill;

/** One process of the application, from its start to its end. */
final class Life {

    final int number;

    /** Events that are being published. */
    int unanswered;

    /** Attempts that run. */
    int running;

    /** How often it was killed or paused: after each, some effects may come again. */
    int breaks;

    /** How often what it shares with others was away: after each, some effects may come again in another life. */
    int outages;

    boolean isOver;

    /** By handler, how many of its events, accepted, are not handled. */
    final int[] unfinished;

    /** By handler, how many of its effects came again, or were a repetition by one that had lost the key. */
    final int[] repeats;

    /** By handler, how many attempts it may still make that it was allowed before it was paused, or cut off. */
    final int[] allowed;

    Life(int number, int handlers) {
        this.number = number;
        this.unfinished = new int[handlers];
        this.repeats = new int[handlers];
        this.allowed = new int[handlers];
    }

    /** How often there was a reason for which effects of it may come again in another life. */
    int excuses() {
        return breaks + outages;
    }

    @Override
    public String toString() {
        return Integer.toString(number);
    }
}
