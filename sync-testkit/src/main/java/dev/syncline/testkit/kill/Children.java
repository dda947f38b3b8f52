package dev.syncline.testkit.kill;

import dev.syncline.testkit.kill.Journal.Point;
import dev.syncline.testkit.server.ChildJvm;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.locks.LockSupport;

/** Waits for processes, and tells what they wrote to their standard error if they do not do what they should. */
final class Children {

    private static final Duration TICK = Duration.ofMillis(5);

    private Children() {}

    /** Lets time pass, in which none of them may end. */
    static void pass(Duration time, Collection<ChildJvm> living) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            for (ChildJvm child : living) {
                if (!child.isAlive()) {
                    throw new IllegalStateException(
                            child + " ended by itself; it wrote to its standard error:\n" + child.errors());
                }
            }
            LockSupport.parkNanos(Math.min(left, TICK.toNanos()));
        }
    }

    /** Waits until it has found everything at rest. */
    static void awaitRest(ChildJvm child, Duration patience) {
        child.awaitLine(line -> line.startsWith(Point.AT_REST.prefix() + " "), patience);
    }

    /** Waits until it has ended as it should. */
    static void awaitEnd(ChildJvm child, Duration patience) {
        int code = child.awaitExit(patience);
        if (code != 0) {
            throw new IllegalStateException(child + " ended with code " + code + ":\n" + child.errors());
        }
    }
}
