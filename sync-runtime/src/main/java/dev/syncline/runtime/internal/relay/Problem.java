package dev.syncline.runtime.internal.relay;

import java.util.Objects;

/**
 * Why a destination does not get on.
 *
 * @param kind what it means
 * @param text what happened and what to do, for people
 */
record Problem(Kind kind, String text) {

    Problem {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(text, "text");
    }

    /** What it means for the destination. */
    enum Kind {
        /** The broker is away or silent: it is tried again by itself, nobody need do anything. */
        AWAY,
        /** The broker refuses for good: a person must change something; tried again slowly. */
        REFUSED,
        /** No broker of this name is configured any more: entries are kept. */
        UNCONFIGURED
    }
}
