package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.BrokerException;
import dev.syncline.api.ConfigurationException;
import dev.syncline.api.EventPublisher;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.DeadLetters;
import dev.syncline.runtime.Health;
import dev.syncline.runtime.Rewound;
import dev.syncline.runtime.Sync;
import dev.syncline.runtime.internal.publish.Publishing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance, from build to close. Its states only go forward: built, started, stopped, closed. What is running is in
 * {@link Engine}, made by start and taken down by close.
 */
public final class SyncRuntime implements Sync {

    private static final Logger LOG = LoggerFactory.getLogger(SyncRuntime.class);

    private static final long QUIET_LOOK = TimeUnit.MILLISECONDS.toNanos(2);

    private final Blueprint blueprint;
    private final Publishing publishing;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Object lifecycle = new Object();
    private volatile @Nullable Engine engine;
    private boolean isStarted;
    private boolean isClosing;

    /** An instance that is built and not started. */
    public SyncRuntime(Blueprint blueprint, Publishing publishing) {
        this.blueprint = blueprint;
        this.publishing = publishing;
    }

    @Override
    public EventPublisher publisher() {
        return publishing;
    }

    @Override
    public void start() {
        synchronized (lifecycle) {
            if (isClosing) {
                throw new IllegalStateException(blueprint.name() + " is closed: build another one");
            }
            if (isStarted) {
                throw new IllegalStateException(blueprint.name() + " is started already");
            }
            isStarted = true;
            long begin = blueprint.turns().nanoTime();
            try {
                engine = EngineStart.run(blueprint, publishing);
            } catch (BrokerException refused) {
                close();
                throw new ConfigurationException(String.valueOf(refused.getMessage()), refused);
            } catch (OutboxException unusable) {
                close();
                throw new ConfigurationException(String.valueOf(unusable.getMessage()), unusable);
            } catch (RuntimeException | Error failure) {
                close();
                throw failure;
            }
            LOG.info(
                    "{} started in {} ms{}{}",
                    blueprint.name(),
                    TimeUnit.NANOSECONDS.toMillis(blueprint.turns().nanoTime() - begin),
                    System.lineSeparator(),
                    describe());
        }
    }

    @Override
    public Health health() {
        var running = engine;
        return running == null
                ? new Health(
                        false,
                        true,
                        List.of(blueprint.name() + " is not running: call start()"),
                        new Health.OutboxHealth(0, 0, 0),
                        new TreeMap<>())
                : running.health();
    }

    @Override
    public String describe() {
        return String.join(System.lineSeparator(), blueprint.report());
    }

    @Override
    public void pause(String handler) {
        flows(handler).forEach(flow -> flow.gate().pauseByOperator());
    }

    @Override
    public void resume(String handler) {
        flows(handler).forEach(flow -> flow.gate().resume());
    }

    @Override
    public DeadLetters deadLetters() {
        return running().deadLetters();
    }

    @Override
    public void forgetHandler(String handler) {
        running().forgetHandler(handler);
    }

    @Override
    public Rewound rewind(String broker, Instant since) {
        return running().rewind(broker, since);
    }

    private Engine running() {
        var running = engine;
        if (running == null) {
            throw new IllegalStateException(blueprint.name() + " is not running: call start()");
        }
        return running;
    }

    private List<Flow> flows(String handler) {
        var running = running();
        var flows = running.flows().stream()
                .filter(flow -> flow.handler().equals(handler))
                .toList();
        if (flows.isEmpty()) {
            throw new IllegalArgumentException("no handler \"" + handler + "\"; there are "
                    + running.flows().stream().map(Flow::handler).distinct().toList());
        }
        return flows;
    }

    @Override
    public void awaitQuiet(Duration atMost) {
        long end = blueprint.turns().nanoTime() + atMost.toNanos();
        while (true) {
            var running = running();
            var open = running.whatIsOpen(end);
            if (open.isEmpty()) {
                return;
            }
            if (blueprint.turns().nanoTime() - end >= 0) {
                var why = new ArrayList<>(open);
                why.addAll(running.health().problems());
                throw new IllegalStateException("not quiet after " + atMost + ": " + String.join("; ", why));
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted while waiting to be quiet: " + open);
            }
            blueprint.turns().pause(QUIET_LOOK);
        }
    }

    @Override
    public void awaitClose() throws InterruptedException {
        closed.await();
    }

    @Override
    public void stopHandling(Duration deadline) {
        var running = engine;
        if (running != null) {
            running.stopHandling(deadline);
        }
    }

    @Override
    public void close() {
        boolean isFirst;
        Engine running;
        synchronized (lifecycle) {
            isFirst = !isClosing;
            isClosing = true;
            running = engine;
        }
        if (running != null && running.isLaneThread()) {
            // a handler closes: it cannot wait for its own end
            if (isFirst) {
                blueprint.turns().once("syncline-" + blueprint.name() + "-close", () -> closeAll(running));
            }
        } else if (isFirst) {
            closeAll(running);
        } else {
            awaitClosedByAnother();
        }
    }

    private void awaitClosedByAnother() {
        try {
            closed.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeAll(@Nullable Engine running) {
        try {
            if (running != null) {
                running.close(blueprint.settings().closeDeadline());
            }
            publishing.close();
            blueprint.close();
        } finally {
            engine = null;
            closed.countDown();
            LOG.info("{} closed", blueprint.name());
        }
    }
}
