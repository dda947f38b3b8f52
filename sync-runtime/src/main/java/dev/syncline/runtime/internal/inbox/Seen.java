package dev.syncline.runtime.internal.inbox;

/** What an inbox says of an event. */
public enum Seen {

    /** Not known to be done: handle it. */
    NEW,

    /** Done before, for sure: settle it (S5, S27). */
    DUPLICATE,

    /** Another event had this source and id and was done: a fault of the producer, or an attack (input 46). */
    CONFLICT
}
