package dev.syncline.verification.load;

import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;

/** Prints figures, a line each, so that a run can be kept as it is. The load of the machine stands beside them. */
final class Figures {

    private Figures() {}

    /** The first lines of a run: what it was asked, where and when it ran. */
    static void begin(String question, Options options) {
        quiet();
        line("%s", question);
        line("options %s", options);
        line(
                "at %s, JDK %s, %d cores, %s",
                Instant.now(), Runtime.version(), Runtime.getRuntime().availableProcessors(), load());
    }

    /** Only figures on the console, and what goes wrong; before the first logger is made. */
    static void quiet() {
        if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
        }
    }

    static void line(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
        System.out.flush();
    }

    /** How many threads wanted a core in the last minute, ours among them. */
    static String load() {
        return String.format(
                Locale.ROOT,
                "load average %.1f",
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    static double median(double... values) {
        return percentile(values, 0.5);
    }

    static double percentile(double[] values, double share) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.min(sorted.length - 1, share * sorted.length)];
    }
}
