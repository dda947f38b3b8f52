package dev.syncline.runtime.internal.handling;

/** What a handler's method answers with, at once or in a stage. */
public enum Answer {
    /** Nothing: returning is success. */
    NOTHING,
    /** One outcome for all that it was handed. */
    OUTCOME,
    /** An outcome per item of its list. */
    BATCH_OUTCOME,
    /** An event to publish; null publishes none. */
    EVENT
}
