package dev.syncline.spi;

/** The tables of a scope, apart because they forget by different rules. An entry of one is not found in another. */
public enum StateTable {

    /** How far each key of each outbox was applied. Never forgets. */
    SEQUENCE,

    /**
     * Single events that were applied. Forgets the oldest, and only those: after the retention, or when more than the most
     * came since.
     */
    IDS,

    /** The newest version of each entity. Forgets what was put with a {@link StateChange#keepFor}, after that time. */
    GUARD
}
