package dev.syncline.testkit;

import dev.syncline.api.Event;
import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.Sync;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.testkit.internal.Application;
import dev.syncline.testkit.internal.Journal;
import dev.syncline.testkit.internal.Life;
import dev.syncline.testkit.internal.World;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A lab at work: its world with one application, and what the handlers were seen to do. */
final class LabRun implements Journal.Listener {

    private static final Duration QUIET_PATIENCE = Duration.ofMinutes(10);
    private static final long SESSION_SECONDS = 30;
    private static final long MOST_STEPS = 50_000_000;

    private final LabConfiguration configuration;
    private final World world;
    private final Application application;
    private final Map<String, Integer> order = new HashMap<>();
    private final Map<String, Integer> handled = new LinkedHashMap<>();
    private final Map<String, Integer> newest = new HashMap<>();
    private final Set<String> running = new HashSet<>();
    private @Nullable String disorder;
    private Life.Danger danger = (where, isDone) -> false;

    LabRun(LabConfiguration configuration) {
        this.configuration = configuration;
        world = new World(configuration.seed, Duration.ofSeconds(SESSION_SECONDS));
        world.journal().add(this);
        world.scheduler().allow(MOST_STEPS);
        application = world.application("lab", configuration::apply, configuration.partitions);
    }

    // --- what the lab does

    Event<?> publish(Object payloadOrEvent) {
        Event<?> published = sync().publisher().publish(payloadOrEvent);
        order.put(name(published.source(), published.id()), order.size());
        return published;
    }

    void untilQuiet() {
        try {
            sync().awaitQuiet(QUIET_PATIENCE);
        } catch (IllegalStateException notQuiet) {
            requireNotCrashed();
            throw failed(String.valueOf(notQuiet.getMessage()), notQuiet);
        } catch (Error unwound) {
            requireNotCrashed();
            throw unwound;
        }
        requireWhole();
    }

    void advance(Duration duration) {
        var scheduler = world.scheduler();
        scheduler.run(scheduler.nanoTime() + duration.toNanos(), () -> false);
        requireWhole();
    }

    void later(Duration after, Runnable action) {
        world.scheduler().after(after.toNanos(), "later", action);
    }

    Instant now() {
        return world.clock().instant();
    }

    <T> T await(CompletionStage<T> answer) {
        return application.life().join(answer.toCompletableFuture());
    }

    Sync sync() {
        requireNotCrashed();
        return application.sync();
    }

    InMemoryBroker broker() {
        return world.server();
    }

    World world() {
        return world;
    }

    Application application() {
        return application;
    }

    void danger(Life.Danger where) {
        danger = where;
        if (application.isAlive()) {
            application.life().danger(where);
        }
    }

    void crash() {
        if (application.isOccupied()) {
            application.kill(true);
        }
        running.clear();
    }

    void losePower() {
        crash();
        application.disk().losePower(false);
    }

    void restart() {
        if (application.isAlive()) {
            application.close();
        } else if (application.hasDied()) {
            application.kill(true);
        }
        running.clear();
        if (!application.start(danger)) {
            throw failed("the process died while it started", null);
        }
        danger = (where, isDone) -> false;
    }

    void close() {
        if (application.isAlive()) {
            application.close();
        }
    }

    private void requireNotCrashed() {
        if (!application.isAlive()) {
            throw new IllegalStateException("the process was killed: restart() it first" + seed());
        }
    }

    private void requireWhole() {
        if (application.isAlive() && application.life().broken() != null) {
            throw failed("a loop of the pipeline ended", application.life().broken());
        }
    }

    // --- what it saw

    @Override
    public void onBegin(Life life, String handler, Envelope event, int attempt) {
        var key = handler + " " + event.received().partition().topic() + " " + event.key();
        if (!event.key().isEmpty() && !running.add(key) && disorder == null) {
            disorder = handler + " was given " + event + " while another event of that key was with it";
        }
    }

    @Override
    public void onEnd(Life life, String handler, Envelope event, Verdict verdict) {
        var key = handler + " " + event.received().partition().topic() + " " + event.key();
        running.remove(key);
        if (!(verdict instanceof Verdict.Done)) {
            return;
        }
        var name = name(event.source(), event.id());
        boolean isFirst = handled.merge(handler + " handled " + name, 1, Integer::sum) == 1;
        var at = order.get(name);
        if (isFirst && at != null && !event.key().isEmpty()) {
            var before = newest.merge(key, at, Math::max);
            if (before > at && disorder == null) {
                disorder = handler + " handled " + event + " after an event of that key that was published later";
            }
        }
    }

    void assertNothingParked() {
        var parked = parked();
        if (!parked.isEmpty()) {
            throw failed("keys are parked: " + parked, null);
        }
    }

    List<BlockedKey> parked() {
        var all = new ArrayList<BlockedKey>();
        sync().health().handlers().values().forEach(handler -> all.addAll(handler.blockedKeys()));
        return all;
    }

    void assertAppliedOnce() {
        var twice = new ArrayList<String>();
        handled.forEach((what, times) -> {
            if (times > 1) {
                twice.add(what + " " + times + " times");
            }
        });
        if (!twice.isEmpty()) {
            throw failed(String.join("; ", twice), null);
        }
    }

    void assertOrderPerKey() {
        if (disorder != null) {
            throw failed(disorder, null);
        }
    }

    private static String name(String source, String id) {
        return source + "/" + id;
    }

    private AssertionError failed(String what, @Nullable Throwable cause) {
        return new AssertionError(what + seed(), cause);
    }

    private String seed() {
        return " (SyncLab seed " + configuration.seed + ")";
    }
}
