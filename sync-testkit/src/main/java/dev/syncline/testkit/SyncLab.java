package dev.syncline.testkit;

import dev.syncline.api.Event;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.Sync;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests handlers on the whole real pipeline, in milliseconds: what is published goes through outbox, relay, an in-memory
 * broker and lanes to the handlers, on one thread, with virtual time, in an order that a seed decides. Nothing sleeps; a
 * day of attempts passes in no time; the process may be killed at any moment and started again on what its simulated
 * disk holds.
 *
 * <pre>{@code
 * @RegisterExtension
 * final SyncLab lab = SyncLab.with(new ShopSync(shop)).mappers(new ShopMappers());
 *
 * @Test
 * void lateUpdateDoesNotReviveARemovedProduct() {
 *     lab.publish(Event.delete("catalog.product.removed", "A-1").withVersion(8));
 *     lab.publish(new Product("A-1", 7, "Lamp", eur(20)));
 *     lab.untilQuiet().assertNothingParked();
 *     assertThat(shop.find("A-1")).isEmpty();
 * }
 * }</pre>
 *
 * <p>As an extension it is made anew for each test and closed after it; without JUnit, use it as a resource. Equal seeds
 * give equal runs, as long as the handlers look at no clock and no chance of their own. What a lab throws names its
 * seed; {@code -Dsyncline.lab.seed=…} runs all labs with another one.
 *
 * <p>Handlers run on the caller's thread. One that sleeps, sleeps; one that answers with a stage is waited for in
 * virtual time, so the stage must be completed by the test, or by {@link #later}.
 *
 * <p>Threading: one thread, that of the test.
 */
public final class SyncLab implements AutoCloseable, AfterEachCallback {

    private static final String SEED_PROPERTY = "syncline.lab.seed";

    private final LabConfiguration configuration;
    private @Nullable LabRun run;

    private SyncLab(Object... handlers) {
        configuration = new LabConfiguration(Long.getLong(SEED_PROPERTY, 1), handlers);
    }

    /** A lab for handlers, as {@code Sync.Builder.handlers} takes them; not started before it is used. */
    public static SyncLab with(Object... handlers) {
        return new SyncLab(handlers);
    }

    // --- before it is used

    /** Mappers, as {@code Sync.Builder.mappers} takes them. */
    public SyncLab mappers(Object... mappers) {
        return configure(builder -> builder.mappers(mappers));
    }

    /** Anything else that a builder can be told; brokers, clock and data directory are the lab's. */
    public SyncLab configure(Consumer<Sync.Builder> further) {
        requireUnused();
        configuration.further.add(further);
        return this;
    }

    /** Settings as {@code Sync.Builder.settings} takes them; a handler has two lanes if they do not say otherwise. */
    public SyncLab settings(Map<String, String> settings) {
        requireUnused();
        configuration.settings.putAll(settings);
        return this;
    }

    /** Partitions of each topic; default 4. */
    public SyncLab partitions(int partitions) {
        requireUnused();
        configuration.partitions = partitions;
        return this;
    }

    /** Decides the order of everything that has none; default 1. */
    public SyncLab seed(long seed) {
        requireUnused();
        configuration.seed = seed;
        return this;
    }

    private void requireUnused() {
        if (run != null) {
            throw new IllegalStateException("the lab is at work: say how it is to be before the first event");
        }
    }

    // --- events and time

    /** Publishes payloads or {@link Event}s one by one, and returns the last as stored. Nothing is handled yet. */
    public Event<?> publish(Object first, Object... further) {
        var run = run();
        var published = run.publish(first);
        for (var next : further) {
            published = run.publish(next);
        }
        return published;
    }

    /**
     * Lets the pipeline work until all that was published is shipped and every handler has settled all that is there,
     * keys that wait for a later attempt aside. For these, {@link #advance} the time.
     *
     * @throws AssertionError if that does not come to be within ten minutes of virtual time
     */
    public SyncLab untilQuiet() {
        run().untilQuiet();
        return this;
    }

    /** Lets so much virtual time pass, with all that falls due in it. */
    public SyncLab advance(Duration duration) {
        run().advance(duration);
        return this;
    }

    /** Has something done when so much virtual time has passed: a stage completed, a target mended. */
    public SyncLab later(Duration after, Runnable action) {
        run().later(after, action);
        return this;
    }

    /** Virtual wall time. */
    public Instant now() {
        return run().now();
    }

    // --- faults

    /** Lets things go wrong: {@code lab.faults(f -> f.duplicate(3).brokerAway())}. */
    public SyncLab faults(Consumer<LabFaults> faults) {
        faults.accept(new LabFaults(run()));
        return this;
    }

    /** The process is killed, as by kill -9: what it had in memory is gone. Nothing runs until {@link #restart}. */
    public SyncLab crash() {
        run().crash();
        return this;
    }

    /** The machine loses power: as {@link #crash}, and what was not forced to the disk may be gone too. */
    public SyncLab losePower() {
        run().losePower();
        return this;
    }

    /** Starts the application again on what its disk holds; ends it in good order before, if it runs. */
    public SyncLab restart() {
        run().restart();
        return this;
    }

    // --- what came of it

    /**
     * No key waits for a later attempt or a person.
     *
     * @throws AssertionError naming those that do
     */
    public SyncLab assertNothingParked() {
        run().assertNothingParked();
        return this;
    }

    /**
     * Every event that a handler has handled, it has handled once.
     *
     * @throws AssertionError naming those that it has handled twice
     */
    public SyncLab assertAppliedOnce() {
        run().assertAppliedOnce();
        return this;
    }

    /**
     * Events of one key were handled in the order in which they were published, one at a time.
     *
     * @throws AssertionError naming the first that was not
     */
    public SyncLab assertOrderPerKey() {
        run().assertOrderPerKey();
        return this;
    }

    /** Keys that wait for a later attempt or a person, of all handlers. */
    public List<BlockedKey> parked() {
        return run().parked();
    }

    /** All dead letters, at most 10,000. */
    public List<DeadLetter> deadLetters() {
        return run().sync().deadLetters().list(Selection.all(), null, 10_000);
    }

    /** Waits for an answer, such as that of a command on a dead letter, in virtual time. */
    public <T> T await(CompletionStage<T> answer) {
        return run().await(answer);
    }

    /** What runs: for health, dead letters, pause and resume. Another one after a restart. */
    public Sync sync() {
        return run().sync();
    }

    /** The broker, for what only a foreign program does to it. */
    public InMemoryBroker broker() {
        return run().broker();
    }

    private LabRun run() {
        var at = run;
        if (at == null) {
            at = new LabRun(configuration);
            run = at;
            at.restart();
        }
        return at;
    }

    /** Ends what runs. The lab begins anew when it is used again. */
    @Override
    public void close() {
        var at = run;
        run = null;
        if (at != null) {
            at.close();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent() && run != null) {
            context.publishReportEntry(SEED_PROPERTY, String.valueOf(configuration.seed));
        }
        close();
    }
}
