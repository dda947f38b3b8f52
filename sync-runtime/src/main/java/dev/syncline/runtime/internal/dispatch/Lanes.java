package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.Health.BlockedKey;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.settle.InFlight;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The room that works on events: spreads them over the lanes of one handler, so that events of one key run one at a
 * time and in order, and different keys side by side.
 *
 * <p>The poll thread of ingest offers; each lane is a thread of its own. It owns the events it accepted until they are
 * settled or let go. It hands each to handling, and tells the window when it is settled. When handling fails it holds
 * the key, tries again by the policy, and in the end blocks the key and says so; it never loses, skips or reorders.
 */
public final class Lanes {

    /** Slots of a ring: what a lane may have waiting before ingest must pause. Small: memory is bounded by bytes. */
    private static final int RING = 1024;

    /** Events that may queue behind keys in trouble, per lane, before it leaves its ring alone. */
    private static final int MAX_QUEUED = 4096;

    private final List<Lane> lanes = new ArrayList<>();
    private final List<LaneThread> threads = new ArrayList<>();
    private final HandlerPause pause = new HandlerPause();
    private final AtomicReference<@Nullable Throwable> fault = new AtomicReference<>();

    /**
     * Makes the lanes; {@link #start} gives them threads.
     *
     * @param name prefix of the threads' names
     * @param applied what the handler has applied
     */
    public Lanes(String name, String handler, Handling handling, HandlerPolicy policy, Applied applied) {
        var random = new SplittableRandom();
        for (int i = 0; i < policy.concurrency(); i++) {
            var signal = new LaneSignal();
            var lane = new Lane(
                    handler, i, handling, policy, pause, applied, RING, MAX_QUEUED, random.split(), signal, fault);
            lanes.add(lane);
            threads.add(new LaneThread(name + "-lane-" + i, lane, signal));
        }
    }

    /** Starts the threads. */
    public void start() {
        threads.forEach(LaneThread::start);
    }

    /** Hands an event to its lane; false if that is full, then offer it again later. One thread only. */
    public boolean offer(InFlight event) {
        return lanes.get(event.envelope().shard() % lanes.size()).offer(event);
    }

    /** Whether the event's lane would take it now. The thread that offers. */
    public boolean hasRoomFor(int shard) {
        return lanes.get(shard % lanes.size()).hasRoom();
    }

    /** Windows were fenced: what waits for them is let go soon. */
    public void onFence() {
        lanes.forEach(Lane::onFence);
    }

    /** Begins no attempt until {@code resume}; what runs goes on. */
    public void pause() {
        pause.operator(true);
    }

    /** Takes back {@link #pause}. */
    public void resume() {
        pause.operator(false);
        lanes.forEach(Lane::wake);
    }

    /** Keys that wait for a later attempt or a person. */
    public List<BlockedKey> blockedKeys() {
        var all = new ArrayList<BlockedKey>();
        for (var lane : lanes) {
            all.addAll(lane.blockedKeys());
        }
        return all;
    }

    /** Events that wait in blocked keys: they will not be settled soon. */
    public long blockedEvents() {
        return lanes.stream().mapToLong(Lane::blockedEvents).sum();
    }

    /** An error of the virtual machine that a handler met; null if none. */
    public @Nullable Throwable fault() {
        return fault.get();
    }

    /** Whether the current thread is one of these lanes, that is, a handler calls. */
    public boolean isLaneThread() {
        return threads.stream().anyMatch(LaneThread::isCurrent);
    }

    /** Interrupts handlers that run. */
    public void interrupt() {
        threads.forEach(LaneThread::interrupt);
    }

    /** Where the lanes are that do something just now, for a person to read. */
    public String whereTheyAre() {
        return threads.stream().map(LaneThread::whereItIs).collect(Collectors.joining());
    }

    /**
     * Ends the threads after the attempt each is in.
     *
     * @return whether all had ended in time; one whose handler does not react to interruption lives on, fenced
     */
    public boolean stop(Duration atMost) {
        threads.forEach(LaneThread::stop);
        long end = System.nanoTime() + atMost.toNanos();
        boolean ended = true;
        boolean interrupted = false;
        for (var thread : threads) {
            try {
                ended &= thread.join(end - System.nanoTime());
            } catch (InterruptedException stop) {
                interrupted = true;
                ended = false;
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return ended;
    }
}
