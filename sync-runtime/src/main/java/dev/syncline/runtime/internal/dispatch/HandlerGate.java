package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.Health.BreakerHealth;
import dev.syncline.runtime.internal.dispatch.Breaker.Change;
import dev.syncline.runtime.internal.dispatch.Breaker.End;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.wiring.Brakes;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether attempts of one handler may begin, on whichever lane and broker: not while its target is away, as the handler
 * says or the {@link Breaker} sees; not while the {@link Brake} holds it; not while an operator does. What may not begin
 * waits where it is: intake stops, nothing is dropped or overtaken, no attempt is spent (S16).
 *
 * <p>Threading: any. Each lane has a {@link Gate} of its own to it.
 */
public final class HandlerGate {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerGate.class);

    private final String handler;
    private final Duration breakerPause;
    private final @Nullable Breaker breaker;
    private final @Nullable Brake brake;
    private final long windowNanos;
    private final HandlerPause pause = new HandlerPause();
    private final List<Runnable> lanes = new CopyOnWriteArrayList<>();
    private final LongSupplier nanoTime;

    /**
     * Lets everything begin.
     *
     * @param nanoTime a monotonic clock, that of the lanes
     */
    public HandlerGate(String handler, Brakes brakes, LongSupplier nanoTime) {
        this.handler = handler;
        this.nanoTime = nanoTime;
        this.breakerPause = brakes.breakerPause();
        long now = nanoTime.getAsLong();
        this.breaker = brakes.breaker()
                .map(limit -> new Breaker(limit, breakerPause.toNanos(), now))
                .orElse(null);
        this.brake = brakes.deadLetters().map(limit -> new Brake(limit, now)).orElse(null);
        this.windowNanos = Math.max(
                brakes.breaker().map(limit -> limit.window().toNanos()).orElse(0L),
                brakes.deadLetters().map(limit -> limit.window().toNanos()).orElse(0L));
    }

    /**
     * The gate of one more lane.
     *
     * @param wake makes the lane look whether it may begin now
     */
    Gate lane(Runnable wake) {
        var tally = new Tally(windowNanos, nanoTime.getAsLong());
        if (breaker != null) {
            breaker.add(tally);
        }
        if (brake != null) {
            brake.add(tally);
        }
        lanes.add(wake);
        return new Gate(this, tally);
    }

    HandlerPause pause() {
        return pause;
    }

    // --- what may begin

    boolean isShut(long now) {
        return pause.isOn(now)
                || (brake != null && brake.isOn())
                || (!isClosed() && breaker().isShut(now));
    }

    /** Whether the breaker lets everything begin. */
    boolean isClosed() {
        return breaker == null || breaker.isClosed();
    }

    boolean mayBegin(String key, long now) {
        boolean may = isClosed() || breaker().mayBegin(key, now);
        if (may && !isClosed()) {
            LOG.debug("{}: one attempt is made to see whether the target is back", handler);
        }
        return may;
    }

    /** When more may begin than now if nothing else happens; {@link Long#MAX_VALUE} if that is not known. */
    long nextNanos(long now) {
        if (brake != null && brake.isOn()) {
            return Long.MAX_VALUE;
        }
        long byBreaker = isClosed() ? Long.MAX_VALUE : breaker().nextNanos(now);
        return pause.isOn(now) ? pause.untilNanos() : byBreaker;
    }

    private Breaker breaker() {
        if (breaker == null) {
            throw new AssertionError("there is no breaker");
        }
        return breaker;
    }

    // --- how it went

    /** An attempt ended that did not go well, or while the breaker is not closed. */
    void ended(Set<String> keys, End end) {
        if (breaker == null) {
            return;
        }
        long now = nanoTime.getAsLong();
        var change = breaker.ended(keys, end, now);
        if (change != Change.NONE) {
            tell(change, breaker.told(now));
            wake();
        }
    }

    private void tell(Change change, Breaker.@Nullable Told told) {
        switch (change) {
            case OPENED ->
                LOG.warn(
                        "{}: target is away ({}), the breaker opens: no attempt begins for {} ms, nothing is dropped",
                        handler,
                        told == null ? "" : told.why(),
                        breakerPause.toMillis());
            case OPENED_AGAIN ->
                LOG.info(
                        "{}: target is still away, the next attempt to see is made in {} ms",
                        handler,
                        breakerPause.toMillis());
            case CLOSED -> LOG.info("{}: target is back, the breaker closes", handler);
            case STILL_OPEN, NONE -> {}
        }
    }

    /** An event became a dead letter since it cannot be read. */
    void unreadable(String key, String code) {
        if (brake != null && brake.died(key, code, nanoTime.getAsLong())) {
            LOG.error(
                    "{}: {}: intake pauses until Sync.resume(\"{}\") or a restart, since the deploy seems wrong, not the"
                            + " data",
                    handler,
                    LogText.of(brake.why()),
                    handler);
        }
    }

    // --- people

    /** Begins no attempt until {@link #resume}; what runs goes on. */
    public void pauseByOperator() {
        pause.operator(true);
    }

    /** Takes back {@link #pauseByOperator}, ends a hold, releases the brake, and lets the breaker see at once. */
    public void resume() {
        pause.end();
        if (breaker != null) {
            breaker.probeNow(nanoTime.getAsLong());
        }
        if (brake != null && brake.release(nanoTime.getAsLong())) {
            LOG.info("{}: resumed, dead letters are counted anew", handler);
        }
        wake();
    }

    private void wake() {
        lanes.forEach(Runnable::run);
    }

    /** How the breaker is. */
    public BreakerHealth breakerHealth() {
        long now = nanoTime.getAsLong();
        var told = breaker == null ? null : breaker.told(now);
        if (told == null) {
            return BreakerHealth.CLOSED;
        }
        boolean isOpen = !told.isProbing() && told.leftNanos() > 0;
        return new BreakerHealth(
                isOpen ? BreakerHealth.State.OPEN : BreakerHealth.State.HALF_OPEN,
                told.why(),
                Duration.ofNanos(told.sinceNanos()),
                Duration.ofNanos(isOpen ? told.leftNanos() : 0));
    }

    /** Why the brake holds the handler; empty if it does not. */
    public String brake() {
        return brake == null ? "" : brake.why();
    }
}
