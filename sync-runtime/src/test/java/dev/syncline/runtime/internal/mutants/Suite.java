package dev.syncline.runtime.internal.mutants;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Something that notices defects: seeds of a simulation, or tests. */
record Suite(String name, Running running) {

    /** Runs it. */
    @FunctionalInterface
    interface Running {

        /** What it found when run on these classes; empty if all is well. */
        Optional<Throwable> on(ClassLoader classes);
    }

    /** What it finds on these classes; empty if all is well. */
    Optional<Throwable> run(ClassLoader classes) {
        return running.on(classes);
    }

    @Override
    public String toString() {
        return name;
    }

    /** A simulation that is made with a seed and has a method {@code run}; up to so many seeds, until one fails. */
    static Suite seeds(String name, int number) {
        return new Suite(name, classes -> {
            try {
                var constructor = Arrays.stream(Class.forName("dev.syncline.runtime.internal." + name, true, classes)
                                .getDeclaredConstructors())
                        .filter(one -> one.getParameterCount() == 1)
                        .findFirst()
                        .orElseThrow();
                constructor.setAccessible(true);
                boolean isLong = constructor.getParameterTypes()[0] == long.class;
                var run = constructor.getDeclaringClass().getDeclaredMethod("run");
                run.setAccessible(true);
                for (long seed : LongStream.rangeClosed(1, number).toArray()) {
                    try {
                        Object simulation =
                                isLong ? constructor.newInstance(seed) : constructor.newInstance(Math.toIntExact(seed));
                        run.invoke(simulation);
                    } catch (InvocationTargetException failed) {
                        return Optional.of(failed.getTargetException());
                    }
                }
                return Optional.empty();
            } catch (ReflectiveOperationException wrong) {
                throw new LinkageError("no simulation " + name, wrong);
            }
        });
    }

    /** A trial that is made with a seed and an empty directory and has a method {@code run}; all of so many seeds. */
    static Suite trials(String name, int number) {
        return new Suite(name, classes -> {
            Path directory = null;
            try {
                directory = Files.createTempDirectory("mutants");
                var constructor = Class.forName("dev.syncline.runtime.internal." + name, true, classes)
                        .getDeclaredConstructor(int.class, Path.class);
                constructor.setAccessible(true);
                var run = constructor.getDeclaringClass().getDeclaredMethod("run");
                run.setAccessible(true);
                for (int seed = 0; seed < number; seed++) {
                    run.invoke(constructor.newInstance(seed, directory.resolve("t" + seed)));
                }
                return Optional.empty();
            } catch (InvocationTargetException failed) {
                return Optional.of(failed.getTargetException());
            } catch (ReflectiveOperationException | IOException wrong) {
                throw new LinkageError("no trial " + name, wrong);
            } finally {
                delete(directory);
            }
        });
    }

    private static void delete(@Nullable Path directory) {
        if (directory == null) {
            return;
        }
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException left) {
            throw new UncheckedIOException(left);
        }
    }

    /** All tests of a class, or those of the methods named. */
    static Suite tests(String name, String... methods) {
        return new Suite(name, classes -> {
            Class<?> test;
            try {
                test = Class.forName("dev.syncline.runtime.internal." + name, true, classes);
            } catch (ClassNotFoundException wrong) {
                throw new LinkageError("no test " + name, wrong);
            }
            var selectors = methods.length == 0
                    ? new DiscoverySelector[] {selectClass(test)}
                    : Arrays.stream(methods)
                            .flatMap(method -> Arrays.stream(test.getDeclaredMethods())
                                    .filter(declared -> declared.getName().equals(method)))
                            .map(method -> selectMethod(test, method))
                            .toArray(DiscoverySelector[]::new);
            var results =
                    EngineTestKit.engine("junit-jupiter").selectors(selectors).execute();
            if (results.testEvents().finished().count() == 0) {
                throw new AssertionError("no test ran of " + name);
            }
            return results.allEvents().executions().failed().stream()
                    .map(execution -> execution.getTerminationInfo().getExecutionResult())
                    .map(TestExecutionResult::getThrowable)
                    .flatMap(Optional::stream)
                    .findFirst();
        });
    }
}
