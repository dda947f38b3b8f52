package dev.syncline.testkit.simulation;

import java.util.EnumSet;
import java.util.Set;

/** What can go wrong in a simulation. A seed picks some of them (swarm), since faults hide each other. */
enum Fault {
    /** The process is killed before or after something that it does to the world outside. */
    KILL,
    /** Machines lose power: what was not forced may be gone. */
    POWER,
    /** The broker refuses everybody for a while. */
    BROKER_AWAY,
    /** The broker answers nobody for a while. */
    BROKER_PAUSED,
    /** The broker stores messages and says that it did not. */
    CONFIRMATIONS_LOST,
    /** The broker stores messages twice. */
    STORED_TWICE,
    /** Confirmations come late. */
    CONFIRMATIONS_LATE,
    /** Positions without a message, as transactions and compaction leave them. */
    GAPS,
    /** Groups are reset to the beginning. */
    REWIND,
    /** Another member takes partitions for a while and reads nothing. */
    REBALANCE,
    /** Members are expelled without a word. */
    EXPELLED,
    /** The disk has no room for a while. */
    DISK_FULL,
    /** Forcing to the disk fails for a while. */
    DISK_FAILS,
    /** Wall clocks jump. */
    CLOCK_JUMPS,
    /** Applications are closed and started in good order. */
    RESTART,
    /** Handlers throw. */
    HANDLER_THROWS,
    /** Handlers throw errors. */
    HANDLER_ERRORS,
    /** Handlers answer later. */
    HANDLER_LATE,
    /** Handlers answer so late that others lose patience: timeouts, and who waits to give a partition up. */
    HANDLER_HANGS,
    /** Handlers reject. */
    HANDLER_REJECTS,
    /** Handlers say that their target is away. */
    HANDLER_HOLDS,
    /** What a power failure leaves is torn and damaged. */
    TORN_PAGES,
    /** Handlers ask for another attempt later. */
    HANDLER_ASKS_AGAIN,
    /** Handlers say that they do not need an event. */
    HANDLER_SKIPS,
    /** A person has the outbox ship again what it retains. */
    SHIPPED_AGAIN,
    /** A person redrives, skips and drops dead letters while events flow. */
    OPERATOR;

    /** Drawn apart from the others, so that seeds go on meaning what they did where they have none of these. */
    static final Set<Fault> LATER = EnumSet.range(TORN_PAGES, OPERATOR);
}
