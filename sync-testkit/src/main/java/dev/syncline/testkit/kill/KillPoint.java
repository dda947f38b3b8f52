package dev.syncline.testkit.kill;

import dev.syncline.testkit.kill.Journal.Point;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** When a life is to end. */
sealed interface KillPoint {

    /** That long after the process was started, wherever it is then. */
    record AfterStart(Duration delay) implements KillPoint {
        @Override
        public String toString() {
            return delay.toMillis() + " ms after the start";
        }
    }

    /** That long after a handler was first called. */
    record AtWork(Duration delay) implements KillPoint {
        @Override
        public String toString() {
            return delay.toMillis() + " ms at work";
        }
    }

    /**
     * As soon as that line was read for the so-manieth time.
     *
     * @param isStanding whether the thread that wrote it stands still behind it, so that nothing of it comes after the line
     */
    record AtLine(Point point, int count, boolean isStanding) implements KillPoint {
        @Override
        public String toString() {
            return "at " + point + " " + count + (isStanding ? ", standing" : "");
        }
    }

    /** What stands in reports: without the numbers. */
    default String label() {
        if (this instanceof AtLine line) {
            return line.point() + (line.isStanding() ? " (standing)" : "");
        }
        return this instanceof AtWork ? "time at work" : "time since start";
    }

    /**
     * The next of a seeded series: half of them times, half of them points.
     *
     * @param points which lines to end at
     */
    static KillPoint next(RandomGenerator random, List<Point> points) {
        int kind = random.nextInt(20);
        if (kind < 2) {
            return new AfterStart(Duration.ofMillis(20 + random.nextInt(1_500)));
        }
        if (kind < 10) {
            // Times are spread evenly over their magnitudes: most faults need only milliseconds.
            return new AtWork(Duration.ofMillis(Math.round(20 * Math.pow(150, random.nextDouble()))));
        }
        int count = 1 + random.nextInt(random.nextBoolean() ? 20 : 2_000);
        Point point = points.get(random.nextInt(points.size()));
        // remarks are rare beside lines about events
        return new AtLine(point, point == Point.REMARK ? (count + 19) / 20 : count, random.nextBoolean());
    }
}
