package dev.syncline.verification.load;

import dev.syncline.testkit.server.ChildJvm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How long does it take from {@code build()} to ready, on {@code local:}: on a fresh directory, and after a halt in the
 * midst of work? Each start in a JVM of its own, beside a second start in the same JVM, which shows what of it is the
 * loading of classes.
 *
 * <p>A halt is {@code Runtime.halt} with {@code events} published and about half of them applied, all of them known to
 * the inbox or waiting; durability {@code PROCESS}.
 */
public final class StartUp {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private StartUp() {}

    /** See the class. */
    public static void main(String[] arguments) {
        var options = Options.of(
                arguments, Map.of("runs", "7", "events", "100000", "keys", "10000", "heap", "256m", "jit", "4"));
        Figures.begin("Start-up: from build() to ready on local:", options);
        var fresh = new Steps();
        var freshWarm = new Steps();
        var halted = new Steps();
        for (int i = 0; i < options.number("runs"); i++) {
            try (var scratch = new Scratch()) {
                child(scratch, "measure", options, fresh, freshWarm);
                child(scratch, "halt", options, new Steps(), new Steps());
                child(scratch, "measure", options, halted, new Steps());
            }
        }
        fresh.print("fresh directory, fresh JVM");
        freshWarm.print("fresh directory, second in the same JVM");
        halted.print("after a halt, fresh JVM");
        Figures.line("%s at the end", Figures.load());
    }

    private static void child(Scratch scratch, String what, Options options, Steps first, Steps second) {
        try (var child = ChildJvm.of(StartUpApplication.class)
                .jvmArgs("-Xmx" + options.text("heap"), "-XX:TieredStopAtLevel=" + options.text("jit"))
                .args(scratch.path().toString(), what, options.text("events"), options.text("keys"))
                .start()) {
            child.awaitExit(PATIENCE);
            for (var line : child.lines()) {
                var words = line.split(" ", 3);
                if (words[0].equals("first")) {
                    first.add(words[2], Double.parseDouble(words[1]));
                } else if (words[0].equals("second")) {
                    second.add(words[2], Double.parseDouble(words[1]));
                }
            }
            if (what.equals("measure") && !child.lines().contains("done")) {
                throw new IllegalStateException("the application failed: " + child.errors());
            }
        }
    }

    /** Milliseconds by step. */
    private static final class Steps {

        private final Map<String, List<Double>> millis = new LinkedHashMap<>();

        void add(String step, double took) {
            millis.computeIfAbsent(step, any -> new ArrayList<>()).add(took);
        }

        void print(String title) {
            Figures.line("%s, ms, median (least, most):", title);
            millis.forEach((step, all) -> {
                var values = all.stream().mapToDouble(Double::doubleValue).toArray();
                Figures.line(
                        "  %-28s %8.1f (%.1f, %.1f)",
                        step, Figures.median(values), Figures.percentile(values, 0), Figures.percentile(values, 1));
            });
        }
    }
}
