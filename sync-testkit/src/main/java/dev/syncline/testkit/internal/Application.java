package dev.syncline.testkit.internal;

import dev.syncline.runtime.Sync;
import dev.syncline.runtime.internal.assembly.Ground;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.BrokerProvider;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An application in a simulated world: what it is made of, its disk, and the process that runs it at the moment. */
public final class Application {

    private final String name;
    private final Scheduler scheduler;
    private final BrokerProvider server;
    private final Journal journal;
    private final InstantSource clock;
    private final TouchedBroker.AcknowledgeListener acknowledgements;
    private final Consumer<Sync.Builder> configuration;
    private final int partitions;
    private final SimulatedDisk disk;
    private final List<Broker> connections = new ArrayList<>();
    private @Nullable Life life;
    private @Nullable Sync sync;

    /**
     * An application that does not run yet.
     *
     * @param configuration gives a fresh builder what every life of it is built of
     * @param partitions of topics that it makes
     */
    public Application(
            String name,
            Scheduler scheduler,
            BrokerProvider server,
            Journal journal,
            InstantSource clock,
            TouchedBroker.AcknowledgeListener acknowledgements,
            Consumer<Sync.Builder> configuration,
            int partitions) {
        this.name = name;
        this.scheduler = scheduler;
        this.server = server;
        this.journal = journal;
        this.clock = clock;
        this.acknowledgements = acknowledgements;
        this.configuration = configuration;
        this.partitions = partitions;
        this.disk = new SimulatedDisk(scheduler);
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** Its disk. */
    public SimulatedDisk disk() {
        return disk;
    }

    /** Whether a process of it lives. */
    public boolean isAlive() {
        return sync != null && life != null && !life.isDead();
    }

    /** Whether a process of it starts, lives, ends, or died and nobody has noticed yet. */
    public boolean isOccupied() {
        return life != null;
    }

    /** Whether its process died, and nobody has noticed yet. */
    public boolean hasDied() {
        return life != null && life.isDead();
    }

    /** The process that runs it. */
    public Life life() {
        var living = life;
        if (living == null) {
            throw new IllegalStateException("application " + name + " does not run");
        }
        return living;
    }

    /** What runs. */
    public Sync sync() {
        var running = sync;
        if (running == null || life().isDead()) {
            throw new IllegalStateException("application " + name + " does not run");
        }
        return running;
    }

    /** Something came in at the server. */
    public void bell() {
        if (life != null) {
            life.bell();
        }
    }

    /**
     * Starts a process on what the disk holds; it may die on the way.
     *
     * @param danger where it dies
     * @return whether it lives
     */
    public boolean start(Life.Danger danger) {
        if (isOccupied()) {
            throw new IllegalStateException("application " + name + " runs already");
        }
        var born = new Life(scheduler);
        born.danger(danger);
        life = born;
        connections.clear();
        var builder = Sync.builder(name);
        ((Ground.Movable) builder)
                .on(new Ground(
                        born,
                        path -> disk.mount(born),
                        (handler, handling) -> journal.watched(born, handler, handling)));
        builder.clock(clock)
                .broker(
                        new Remembering(new TouchedBroker(server, born, acknowledgements)),
                        "memory:?topics.create=true&topics.partitions=" + partitions)
                .dataDirectory(Path.of(name));
        configuration.accept(builder);
        try {
            sync = builder.start();
            born.requireAlive("start");
            return true;
        } catch (RuntimeException | ProcessDied failure) {
            if (!born.isDead()) {
                life = null;
                throw failure;
            }
            return false;
        }
    }

    /**
     * The process is killed, or has died already.
     *
     * @param doConnectionsBreak whether the server hears of it at once, not by a session that runs out
     */
    public void kill(boolean doConnectionsBreak) {
        var dying = life();
        if (!dying.isDead()) {
            dying.die();
        }
        sync = null;
        life = null;
        if (doConnectionsBreak) {
            connections.forEach(Broker::close);
        }
        connections.clear();
    }

    /**
     * Ends the process in good order.
     *
     * @throws ProcessDied if it died on the way; another one may have been started since
     */
    public void close() {
        if (!isAlive()) {
            life = null;
            return;
        }
        var ending = sync();
        var endingLife = life();
        sync = null; // who asks meanwhile finds that it does not run
        ending.close();
        endingLife.requireAlive("end of closing");
        endingLife.die(); // what its handlers still do is not heard any more
        life = null;
    }

    private final class Remembering implements BrokerProvider {

        private final BrokerProvider provider;

        Remembering(BrokerProvider provider) {
            this.provider = provider;
        }

        @Override
        public Set<String> schemes() {
            return provider.schemes();
        }

        @Override
        public Broker open(BrokerContext context) {
            var opened = provider.open(context);
            connections.add(opened);
            return opened;
        }
    }
}
