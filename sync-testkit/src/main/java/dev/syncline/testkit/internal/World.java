package dev.syncline.testkit.internal;

import dev.syncline.runtime.Sync;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.InMemoryBroker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A scheduler, a server and the applications that share them. */
public final class World {

    private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

    private final Scheduler scheduler;
    private final InMemoryBroker server;
    private final Journal journal = new Journal();
    private final InstantSource clock;
    private final List<Application> applications = new ArrayList<>();
    private TouchedBroker.AcknowledgeListener acknowledgements = (group, partition, position) -> {};

    /**
     * A world without applications.
     *
     * @param sessionTimeout of the server's consumers
     */
    public World(long seed, Duration sessionTimeout) {
        scheduler = new Scheduler(seed);
        clock = () -> BEGINNING.plusNanos(scheduler.wallNanos());
        server = InMemoryBroker.builder()
                .clock(clock)
                .sessionTimeout(sessionTimeout)
                .virtualTime(scheduler::nanoTime, this::pass, this::bell)
                .build();
    }

    private void pass(long nanos) {
        scheduler.run(scheduler.nanoTime() + nanos, () -> false);
    }

    private void bell() {
        applications.forEach(Application::bell);
    }

    /** Time and turns. */
    public Scheduler scheduler() {
        return scheduler;
    }

    /** The server. */
    public InMemoryBroker server() {
        return server;
    }

    /** What handlers were given. */
    public Journal journal() {
        return journal;
    }

    /** Wall time. */
    public InstantSource clock() {
        return clock;
    }

    /** Hears of every acknowledgement from now on. */
    public void onAcknowledge(TouchedBroker.AcknowledgeListener listener) {
        acknowledgements = listener;
    }

    private void acknowledged(String group, TopicPartition partition, Position position) {
        acknowledgements.onAcknowledge(group, partition, position);
    }

    /** A further application, not started. */
    public Application application(String name, Consumer<Sync.Builder> configuration, int partitions) {
        var application =
                new Application(name, scheduler, server, journal, clock, this::acknowledged, configuration, partitions);
        applications.add(application);
        return application;
    }
}
