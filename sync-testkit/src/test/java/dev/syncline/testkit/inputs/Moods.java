package dev.syncline.testkit.inputs;

import dev.syncline.api.Delivery;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A handler that does whatever its event says, on one lane, so that what it leaves behind meets the next event. */
final class Moods {

    static final String TOPIC = "mood.swing";

    private Moods() {}

    /** To be answered at once. */
    @EventType(value = "mood.swing.told", kind = EventType.Kind.DELTA)
    record Told(@EventKey String key, String mood, String title) {}

    /** To be answered by a stage. */
    @EventType(value = "mood.swing.promised", kind = EventType.Kind.DELTA)
    record Promised(@EventKey String key, String mood, String title) {}

    /** What a handler may come to. */
    @FunctionalInterface
    interface Mood<T> {
        @Nullable
        T of(Event<Told> event) throws Throwable;
    }

    private static final Map<String, Mood<Outcome>> TOLD = Map.ofEntries(
            Map.entry("calm", event -> Outcome.done()),
            Map.entry("checked", event -> {
                throw new Exception("on purpose");
            }),
            Map.entry("unchecked", event -> {
                throw new IllegalStateException("on purpose");
            }),
            Map.entry("error", event -> {
                throw new AssertionError("on purpose");
            }),
            Map.entry("death", event -> {
                throw new ThreadDeath();
            }),
            Map.entry("overflow", event -> deeper(0)),
            Map.entry("nothing", event -> null),
            Map.entry("unspeakable", event -> {
                throw new Unspeakable();
            }),
            Map.entry("interrupts", event -> {
                Thread.currentThread().interrupt();
                return Outcome.done();
            }),
            Map.entry("forges", event -> {
                throw new IllegalStateException(
                        "\u001b[2J\r\nERROR all is lost ${jndi:ldap://127.0.0.1/x}\u202e" + "x".repeat(100_000),
                        new RuntimeException("\u0007\n"));
            }),
            Map.entry("rejects", event -> Outcome.reject("\u001b[2J\r\n\u2028 ${jndi:ldap://127.0.0.1/x}")),
            Map.entry(
                    "feeds itself",
                    event -> Outcome.publish(new Told(
                            event.key(), "feeds itself", event.payload().title()))),
            Map.entry("hands itself on", event -> Outcome.publish(event.withKey(event.key()))));

    private static final Map<String, Mood<CompletionStage<Outcome>>> PROMISED = Map.of(
            "no stage", event -> null,
            "nothing", event -> CompletableFuture.completedFuture(null),
            "fails", event -> CompletableFuture.failedFuture(new AssertionError("on purpose")),
            "later", event -> CompletableFuture.supplyAsync(Outcome::done),
            "twice",
                    event -> new CompletableFuture<>() {
                        @Override
                        public CompletableFuture<Outcome> whenComplete(
                                BiConsumer<? super Outcome, ? super Throwable> action) {
                            action.accept(Outcome.done(), null);
                            action.accept(Outcome.reject("changed my mind"), null);
                            return this;
                        }
                    });

    @SuppressWarnings("InfiniteRecursion") // on purpose
    private static Outcome deeper(int depth) {
        return deeper(depth + 1);
    }

    /** Cannot even be asked what it is. */
    private static final class Unspeakable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no");
        }
    }

    @SyncHandler(value = "moody", deletes = SyncHandler.Deletes.IGNORE)
    static final class Moody {
        final List<String> done = new CopyOnWriteArrayList<>();
        final List<String> faults = new CopyOnWriteArrayList<>();

        @OnEvent
        @Nullable
        Outcome on(Event<Told> event, Delivery delivery) throws Throwable {
            var outcome = begin(TOLD, event.payload().mood()).of(event);
            done.add(event.key());
            return outcome;
        }

        @OnEvent
        @Nullable
        CompletionStage<Outcome> promise(Event<Promised> event) throws Throwable {
            var told = new Told(
                    event.key(), event.payload().mood(), event.payload().title());
            var stage = begin(PROMISED, told.mood()).of(event.withPayload(told));
            done.add(event.key());
            return stage;
        }

        private <T> Mood<T> begin(Map<String, Mood<T>> moods, String mood) {
            if (Thread.currentThread().isInterrupted()) {
                faults.add(mood + " begins interrupted");
            }
            var found = moods.get(mood);
            if (found == null) {
                throw new IllegalArgumentException("no mood " + mood);
            }
            return found;
        }
    }
}
