package dev.syncline.verification.kill;

import dev.syncline.testkit.kill.Outage;
import dev.syncline.testkit.server.ServerProcess;
import dev.syncline.testkit.server.TcpProxy.Direction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Treats a broker, other servers, and the ways to them badly, one seeded fault after the other, beside the application that is
 * killed: kills and restarts one of them, freezes it, delays, cuts off, swallows what it answers.
 *
 * <p>Threading: a thread of its own between {@link #begin} and {@link #heal}; the methods are called by one other thread.
 */
final class BrokerFaults {

    /** What is done. */
    enum Fault {
        KILL,
        PAUSE,
        DELAY,
        CUT,
        CUT_IN_FRAME,
        STALL,
        SWALLOW_RESPONSES,
        REFUSE
    }

    private static final Fault[] SERIES = {
        Fault.KILL,
        Fault.PAUSE,
        Fault.KILL,
        Fault.DELAY,
        Fault.CUT,
        Fault.KILL,
        Fault.CUT_IN_FRAME,
        Fault.STALL,
        Fault.SWALLOW_RESPONSES,
        Fault.SWALLOW_RESPONSES,
        Fault.REFUSE
    };

    private final List<ServerProcess> servers;
    private final Random random;
    private final Map<ServerProcess, Map<Fault, Integer>> counts = new LinkedHashMap<>();
    private final List<Outage> outages = new ArrayList<>();
    private CountDownLatch end = new CountDownLatch(1);
    private @Nullable Thread thread;
    private volatile @Nullable RuntimeException failure;

    BrokerFaults(List<ServerProcess> servers, long seed) {
        this.servers = List.copyOf(servers);
        servers.forEach(server -> counts.put(server, new EnumMap<>(Fault.class)));
        this.random = new Random(seed);
    }

    /** Begins, or goes on. */
    void begin() {
        end = new CountDownLatch(1);
        thread = new Thread(this::run, "broker-faults");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!isOver(500, 4_000)) {
                fault(SERIES[random.nextInt(SERIES.length)]);
            }
        } catch (RuntimeException failed) {
            failure = failed;
        }
    }

    /** Waits that long at most; true if it is to end. */
    private boolean isOver(int fromMillis, int toMillis) {
        try {
            return end.await(random.nextInt(fromMillis, toMillis), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Lets the fault last, unless it is time to heal. */
    private void pass(int fromMillis, int toMillis) {
        boolean unused = isOver(fromMillis, toMillis);
    }

    /** Does it, and undoes it after a while. */
    private void fault(Fault fault) {
        var direction = random.nextBoolean() ? Direction.REQUESTS : Direction.RESPONSES;
        var server = servers.get(servers.size() == 1 ? 0 : random.nextInt(servers.size()));
        var proxy = server.proxy();
        long begin = System.nanoTime();
        switch (fault) {
            case KILL -> {
                server.kill();
                pass(50, 1_000);
                server.restart();
            }
            case PAUSE -> {
                server.pause();
                pass(50, 2_000);
                server.resume();
            }
            case DELAY -> {
                proxy.delay(direction, Duration.ofMillis(random.nextInt(5, 200)));
                pass(200, 2_000);
            }
            case CUT -> proxy.cut();
            case CUT_IN_FRAME -> {
                proxy.cutAfter(direction, random.nextInt(1, 20_000));
                pass(50, 500);
            }
            case STALL -> {
                proxy.stall();
                pass(50, 2_000);
            }
            case SWALLOW_RESPONSES -> {
                proxy.swallow(Direction.RESPONSES);
                pass(20, 1_000);
            }
            case REFUSE -> {
                proxy.refuse();
                proxy.cut();
                pass(50, 1_000);
            }
            default -> throw new AssertionError(fault);
        }
        proxy.heal();
        Objects.requireNonNull(counts.get(server)).merge(fault, 1, Integer::sum);
        outages.add(new Outage(begin, System.nanoTime()));
    }

    /**
     * Ends, with everything as it was before; {@link #begin} goes on.
     *
     * @return when it was not, since the last time
     */
    List<Outage> heal() {
        end.countDown();
        var running = thread;
        if (running != null) {
            try {
                running.join(TimeUnit.MINUTES.toMillis(2));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            thread = null;
        }
        var failed = failure;
        if (failed != null) {
            throw failed;
        }
        var since = List.copyOf(outages);
        outages.clear();
        return since;
    }

    /** What was done how often; after {@link #heal}. */
    @Override
    public String toString() {
        return counts.entrySet().stream()
                .map(of -> (servers.size() == 1 ? "" : of.getKey() + ": ") + told(of.getValue()))
                .collect(Collectors.joining("; "));
    }

    private static String told(Map<Fault, Integer> counts) {
        return counts.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
    }
}
