package dev.syncline.runtime.internal.log;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets callers that append at the same time share one force of the log. The first that finds none under way does it for
 * all who appended before it began; the others wait, and one of those who came too late does the next. So a caller that
 * is alone waits for its own force and nothing else, and under load a force covers as many as came during the last one.
 *
 * <p>Threading: any thread; not held up by an interrupt, which is kept for the caller, because the entry is appended
 * already and the wait is that of one or two forces.
 */
public final class GroupCommit {

    private final EventLog log;
    private final Runnable onForced;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition forceEnded = lock.newCondition();
    private boolean forcing;
    private volatile long forcedIndex;

    /**
     * Makes one for a log.
     *
     * @param onForced called after each force, by the thread that did it
     */
    public GroupCommit(EventLog log, Runnable onForced) {
        this.log = log;
        this.onForced = onForced;
        this.forcedIndex = log.forcedIndex();
    }

    /** Everything up to here survives a power failure. */
    public long forcedIndex() {
        return forcedIndex;
    }

    /** Returns once the entry at {@code index}, already appended, is forced. */
    public void await(long index) {
        while (forcedIndex < index) {
            lock.lock();
            try {
                while (forcing && forcedIndex < index) {
                    forceEnded.awaitUninterruptibly();
                }
                if (forcedIndex >= index) {
                    return;
                }
                forcing = true;
            } finally {
                lock.unlock();
            }
            lead();
        }
    }

    private void lead() {
        try {
            log.force();
            forcedIndex = log.forcedIndex();
        } finally {
            lock.lock();
            try {
                forcing = false;
                forceEnded.signalAll();
            } finally {
                lock.unlock();
            }
        }
        onForced.run();
    }
}
