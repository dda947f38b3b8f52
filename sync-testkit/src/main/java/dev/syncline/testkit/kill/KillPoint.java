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
     * As soon as such a line was read for the so-manieth time.
     *
     * @param isStanding whether the thread that wrote it stands still behind it, so that nothing of it comes after the line
     */
    record AtLine(Line line, int count, boolean isStanding) implements KillPoint {
        @Override
        public String toString() {
            return "at " + line + " " + count + (isStanding ? ", standing" : "");
        }
    }

    /**
     * A kind of line.
     *
     * @param remark what it begins with if it is a remark; empty for all of its kind
     */
    record Line(Point point, String remark) {

        /** What such a line begins with. */
        String prefix() {
            return point.prefix() + " " + (remark.isEmpty() ? "" : remark + " ");
        }

        @Override
        public String toString() {
            return remark.isEmpty() ? point.toString() : point + " " + remark;
        }
    }

    /** What stands in reports: without the numbers. */
    default String label() {
        if (this instanceof AtLine at) {
            return at.line() + (at.isStanding() ? " (standing)" : "");
        }
        return this instanceof AtWork ? "time at work" : "time since start";
    }

    /**
     * The next of a seeded series: half of them times, half of them points.
     *
     * @param lines which to end at
     */
    static KillPoint next(RandomGenerator random, List<Line> lines) {
        int kind = random.nextInt(20);
        if (kind < 2) {
            return new AfterStart(Duration.ofMillis(20 + random.nextInt(1_500)));
        }
        if (kind < 10) {
            // Times are spread evenly over their magnitudes: most faults need only milliseconds.
            return new AtWork(Duration.ofMillis(Math.round(20 * Math.pow(150, random.nextDouble()))));
        }
        int count = 1 + random.nextInt(random.nextBoolean() ? 20 : 2_000);
        Line line = lines.get(random.nextInt(lines.size()));
        // remarks are rare beside lines about events
        return new AtLine(line, line.point() == Point.REMARK ? (count + 19) / 20 : count, random.nextBoolean());
    }
}
