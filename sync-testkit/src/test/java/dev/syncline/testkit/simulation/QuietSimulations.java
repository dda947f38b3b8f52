package dev.syncline.testkit.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/** Runs many simulations side by side; what their threads log is left out, others' is not. */
final class QuietSimulations {

    private static final String THREAD = "quiet-simulation";

    private QuietSimulations() {}

    static <T> List<T> run(LongStream seeds, LongFunction<T> simulation) throws InterruptedException {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        var filter = new OfThreads();
        filter.start();
        context.addTurboFilter(filter);
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        var executor = Executors.newFixedThreadPool(threads, task -> new Thread(task, THREAD));
        try {
            var running = new ArrayList<Future<T>>();
            seeds.forEach(seed -> running.add(executor.submit(() -> simulation.apply(seed))));
            var results = new ArrayList<T>();
            for (var one : running) {
                results.add(one.get());
            }
            return results;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof ViolationException violation) {
                throw violation;
            }
            throw new AssertionError(failed.getCause());
        } finally {
            executor.shutdownNow();
            context.getTurboFilterList().remove(filter);
        }
    }

    private static final class OfThreads extends TurboFilter {

        @Override
        public FilterReply decide(
                @Nullable Marker marker,
                Logger logger,
                Level level,
                @Nullable String format,
                Object @Nullable [] params,
                @Nullable Throwable thrown) {
            return Thread.currentThread().getName().equals(THREAD) ? FilterReply.DENY : FilterReply.NEUTRAL;
        }
    }
}
