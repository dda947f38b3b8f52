package dev.syncline.runtime;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.EventHandler;
import dev.syncline.api.EventPublisher;
import dev.syncline.spi.BrokerProvider;
import dev.syncline.spi.LogProvider;
import dev.syncline.spi.PayloadCodec;
import dev.syncline.spi.StateProvider;
import dev.syncline.spi.TransactionalStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;

/**
 * One running Syncline: an outbox, its relay, and the handlers of an application. Several live in one JVM under
 * different names. All methods may be called from any thread.
 *
 * <pre>{@code
 * try (Sync sync = Sync.builder("shop")
 *         .broker("kafka://localhost:9092")
 *         .handlers(new ShopSync(shop)).mappers(new ShopMappers())
 *         .start()) {
 *     sync.publisher().publish(new Product("A-1", 7, "Lamp"));
 *     sync.awaitClose();
 * }
 * }</pre>
 */
public interface Sync extends AutoCloseable {

    /**
     * Begins an application.
     *
     * @param name group, source, directory and meter tag; {@code [a-z][a-z0-9-]*}, unique in this JVM
     */
    static Builder builder(String name) {
        return new SyncBuilder(name);
    }

    /** Publishes events; durable when it returns. */
    EventPublisher publisher();

    /**
     * Starts: opens the outbox, then relay and handlers. Returns while a broker is away; {@link #health()} says so.
     *
     * @throws ConfigurationException if the data directory or a broker's options, permission or topics are unusable
     */
    void start();

    /** How it is, now. */
    Health health();

    /** The start report: each flow with its mapper path, topic, group, lanes, guarantee, and each setting's origin. */
    String describe();

    /** Takes no further events for a handler; what is in flight ends. Kept until {@link #resume}, not over a restart. */
    void pause(String handler);

    /**
     * Takes events for the handler again, whatever stopped it: {@link #pause}, a hold, the breaker (an attempt then shows
     * whether the target is back), or the dead-letter brake, which counts anew.
     */
    void resume(String handler);

    /**
     * What handlers could not handle, and what can be done about it.
     *
     * @throws IllegalStateException if it is not running
     */
    DeadLetters deadLetters();

    /**
     * Forgets a handler that the application has no more: the positions of its group on every broker, what it has
     * applied, and what is parked of it. Until then all of it is kept, since the handler may come back; on {@code local:}
     * it keeps what the handler has not read from being dropped. Start names such handlers.
     *
     * @param handler durable id of a handler that this instance does not have
     * @throws IllegalArgumentException if it has
     * @throws dev.syncline.api.BrokerException if a broker is away, or the group in use
     */
    void forgetHandler(String handler);

    /**
     * Ships again what was published since a time, for a broker that has lost what it had confirmed. The outbox keeps what
     * is shipped for a retention ({@code outbox.retention}, {@code outbox.retention.bytes}); what is older cannot go again,
     * and the answer says so.
     *
     * <p>Everything of each topic goes again from there on, in order, before what was published later and is not shipped
     * yet: a key then reads {@code 1 2 3 1 2 3 4}. Handlers on Syncline drop what they have applied; others have to
     * expect repeats. To be called <b>before</b> the broker takes new events (while it is away, or refuses because its
     * topics are missing): what is handled before an older event of its key makes that one look like a repeat.
     *
     * <p>Decided when this returns, and kept over a crash right after it; shipping itself goes on by itself, see
     * {@link #health()} and {@link #awaitQuiet}. Called twice, the earlier time counts.
     *
     * @param broker name of a broker, {@code default} for the first
     * @param since by the clock of this machine at the time of publishing
     * @throws IllegalArgumentException if there is no such broker, if it is a {@code local:} one, which reads the outbox
     *     in place and has nothing to lose, or if the time is in the future
     * @throws IllegalStateException if it is not running
     * @throws dev.syncline.api.OutboxException if the disk failed: events go again even so, but not after a crash
     */
    Rewound rewind(String broker, Instant since);

    /**
     * Waits until the outbox is shipped and every handler has settled all that is there, blocked keys aside.
     *
     * <p>It speaks of the partitions that are assigned to this instance; those of other live instances are theirs. After a
     * crash those that the dead one held come back only when its session or lease has run out. On a broker that tells who
     * is heard of (Redis) that is waited for, too; the first seconds beside other instances pass with listening for them.
     * On Kafka what such partitions hold is not waited for.
     *
     * @throws IllegalStateException if that did not come to be in time; the message says what is still open
     */
    void awaitQuiet(Duration atMost);

    /** Waits until {@link #close} was called, by whomever. */
    void awaitClose() throws InterruptedException;

    /**
     * Stops taking events, lets what runs end, acknowledges what is done. Publishing goes on until {@link #close}.
     *
     * @param deadline after it running handlers are interrupted; what is not settled comes again after a restart
     */
    void stopHandling(Duration deadline);

    /**
     * {@link #stopHandling} within the deadline of the settings, then ships what the broker takes at once and closes the
     * outbox. Idempotent; leaves no thread or file open.
     */
    @Override
    void close();

    /** Collects what an application is made of. Not thread-safe, except the publisher. */
    interface Builder {

        /** A publisher that may be handed to services now, and used as soon as {@code start()} began. */
        EventPublisher publisher();

        /** The default broker: {@code kafka://…}, {@code redis://…}, {@code local:}. */
        Builder broker(String uri);

        /** A named broker; option values are text or {@link dev.syncline.api.Secret}. */
        Builder broker(String name, String uri, Map<String, ?> options);

        /** The default broker by a provider that is not found by its scheme. */
        Builder broker(BrokerProvider provider, String uri);

        /**
         * Where what handlers have applied and parked is kept, for groups of several instances: {@code redis://…}. State then
         * follows each partition from one instance to the next. Without it each instance keeps its own in the data directory,
         * and reads no partition that another one has read. A handler says otherwise with {@code handlers.<id>.state}.
         */
        Builder state(String uri);

        /** The same with options, as text or {@link dev.syncline.api.Secret}; what there are, its provider documents. */
        Builder state(String uri, Map<String, ?> options);

        /** The same by a provider that is not found by its scheme. */
        Builder state(StateProvider provider, String uri);

        /**
         * Where parked events and dead letters are kept, if not in the data directory: in topics of Kafka ({@code
         * kafka://host:9092/shop.parked}), where they are replicated, or in Redis ({@code redis://…}). Each handler has a log
         * of its own there and is its only writer. A handler says otherwise with {@code handlers.<id>.park-on}; one with shared
         * {@link #state(String) state} parks there.
         */
        Builder parkOn(String uri);

        /** The same with options, as text or {@link dev.syncline.api.Secret}; what there are, its provider documents. */
        Builder parkOn(String uri, Map<String, ?> options);

        /** The same by a provider that is not found by its scheme. */
        Builder parkOn(LogProvider provider, String uri);

        /** Sends types ({@code a.b.c}, {@code a.b.*}, {@code a.b.**}) to a topic of a broker; the first that fits wins. */
        Builder route(String types, String broker, String topic);

        /** Where the outbox lives; default {@code ./syncline-data/<name>}. A local file system. */
        Builder dataDirectory(Path path);

        /** Handlers: instances, or classes that Guice makes. */
        Builder handlers(Object... instancesOrClasses);

        /** Mappers: instances, or classes that Guice makes. */
        Builder mappers(Object... instancesOrClasses);

        /** Payload classes that no handler or mapper names. */
        Builder payloads(Class<?>... classes);

        /**
         * A handler as a lambda, for the type that the payload's class says. What {@link dev.syncline.api.SyncHandler} says
         * of a class, settings {@code handlers.<id>.*} say of it.
         */
        <T> Builder handler(String id, Class<T> payload, EventHandler<T> handler);

        /** A handler as a lambda, for types by name ({@code a.b.*} allowed), payload as a map. */
        Builder handler(String id, String types, EventHandler<Map<String, Object>> handler);

        /** Reserved; {@code build()} refuses it in this version. */
        Builder transactions(String name, TransactionalStore store);

        /** How payloads are encoded; default JSON. */
        Builder codec(PayloadCodec codec);

        /** Wall time; default the system's. */
        Builder clock(InstantSource clock);

        /** Settings as flat keys; called again, later wins. */
        Builder settings(Map<String, String> settings);

        /** Settings from a properties file, <code>${ENV}</code> and <code>${ENV:default}</code> resolved. */
        Builder settings(Path properties);

        /**
         * Checks all wiring, touches no broker.
         *
         * @throws ConfigurationException listing every fault at once, each saying what to change
         */
        Sync build();

        /** {@link #build} and {@link Sync#start}. */
        Sync start();
    }
}
