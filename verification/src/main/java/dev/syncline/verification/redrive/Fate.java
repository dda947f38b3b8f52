package dev.syncline.verification.redrive;

/** What becomes of an event at a handler, the same in every life. A good tenth of the events die. */
enum Fate {
    /** Handled when it comes. */
    SOUND,
    /** Dead until it is handed in again. */
    DEAD,
    /** Dead, and dead again after it was handed in for the first time in a life. */
    DEAD_AGAIN,
    /** Dead; handed in again it fails once, so that its key waits for a moment. */
    DEAD_THEN_FAILS;

    static Fate of(String handler, String id) {
        int hash = (handler + id).hashCode() * 0x9E3779B1;
        return switch ((hash ^ (hash >>> 15)) & 31) {
            case 0, 1 -> DEAD;
            case 2 -> DEAD_AGAIN;
            case 3 -> DEAD_THEN_FAILS;
            default -> SOUND;
        };
    }
}
