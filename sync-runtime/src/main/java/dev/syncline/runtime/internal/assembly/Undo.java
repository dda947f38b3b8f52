package dev.syncline.runtime.internal.assembly;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Steps that take down what was put up, run in the opposite order, each whatever became of the others. */
final class Undo {

    private static final Logger LOG = LoggerFactory.getLogger(Undo.class);

    private final Deque<Runnable> steps = new ArrayDeque<>();

    void add(Runnable step) {
        steps.push(step);
    }

    /**
     * Runs all steps.
     *
     * @param reason takes what fails on the way as suppressed; null to log it
     */
    void run(@Nullable Throwable reason) {
        while (!steps.isEmpty()) {
            try {
                steps.pop().run();
            } catch (RuntimeException | Error failure) {
                if (reason != null) {
                    reason.addSuppressed(failure);
                } else {
                    LOG.warn("a step of closing failed, the others go on", failure);
                }
            }
        }
    }
}
