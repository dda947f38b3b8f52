package dev.syncline.testkit;

import java.time.Duration;

/** What can go wrong in a {@link SyncLab}. Each takes effect at once and lasts as long as it says. */
public final class LabFaults {

    private final LabRun run;

    LabFaults(LabRun run) {
        this.run = run;
    }

    /** The broker stores each of the next messages twice. */
    public LabFaults duplicate(int messages) {
        run.broker().storeTwice(messages);
        return this;
    }

    /** The broker stores the next messages, and their senders are told that they failed: they send them again. */
    public LabFaults loseConfirmations(int messages) {
        run.broker().loseConfirmations(messages);
        return this;
    }

    /** All groups go back to the beginning of their topics, as when somebody resets them: all messages come again. */
    public LabFaults redeliver() {
        run.broker().rewindGroups();
        return this;
    }

    /** The broker is away until {@link #brokerBack}. */
    public LabFaults brokerAway() {
        run.broker().stop();
        return this;
    }

    /** The broker is back. */
    public LabFaults brokerBack() {
        run.broker().start();
        return this;
    }

    /** The disk is full until {@link #diskHasRoom}: publishing is refused, nothing can be parked. */
    public LabFaults diskFull() {
        run.application().disk().isFull = true;
        return this;
    }

    /** The disk has room again. */
    public LabFaults diskHasRoom() {
        run.application().disk().isFull = false;
        return this;
    }

    /** The wall clock jumps, forth or back; nothing that waits may notice. */
    public LabFaults clockJumps(Duration by) {
        run.world().scheduler().jumpWallClock(by.toNanos());
        return this;
    }

    /**
     * The process dies in the midst of its work, when it has touched disk, broker or handlers so many times more.
     * Nothing runs from then on until {@link SyncLab#restart}.
     */
    public LabFaults crashAfter(int touches) {
        int[] left = {touches};
        run.danger((where, isDone) -> left[0]-- == 0);
        return this;
    }
}
