package dev.syncline.testkit.simulation;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.AssignmentListener;
import dev.syncline.spi.Broker;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerConsumer;
import dev.syncline.spi.BrokerContext;
import dev.syncline.spi.Subscription;
import dev.syncline.spi.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Makes the faults of a topology happen, now and then, until all is healed. */
final class FaultPlan {

    private static final long SHORTEST = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(2);
    private static final long RAREST = TimeUnit.SECONDS.toNanos(12);

    private final Topology topology;
    private final SimulationRun run;
    private final SplittableRandom random;

    FaultPlan(Topology topology, SimulationRun run) {
        this.topology = topology;
        this.run = run;
        this.random = run.random().split();
    }

    void begin() {
        for (var fault : Fault.values()) {
            if (topology.has(fault)) {
                next(fault, LONGEST + random.nextLong(RAREST));
            }
        }
    }

    private void next(Fault fault, long atMost) {
        after(SHORTEST + random.nextLong(atMost), () -> {
            happens(fault);
            next(fault, atMost);
        });
    }

    private void after(long nanos, Runnable action) {
        run.world().scheduler().after(nanos, "fault", () -> {
            if (!run.isHealed()) {
                action.run();
            }
        });
    }

    /** For a moment. */
    private void during(Runnable begin, Runnable end) {
        begin.run();
        after(random.nextLong(LONGEST), end);
    }

    private void happens(Fault fault) {
        var server = run.world().server();
        switch (fault) {
            case POWER -> {
                if (random.nextInt(3) == 0) {
                    run.losePower(run.anyApplication());
                }
            }
            case BROKER_AWAY -> during(server::stop, server::start);
            case BROKER_PAUSED -> during(server::pause, server::start);
            case CONFIRMATIONS_LOST -> server.loseConfirmations(1 + random.nextInt(3));
            case STORED_TWICE -> server.storeTwice(1 + random.nextInt(5));
            case CONFIRMATIONS_LATE -> during(server::holdConfirmations, server::releaseConfirmations);
            case GAPS ->
                run.topics()
                        .forEach(topic -> server.leaveGap(
                                new TopicPartition(topic, random.nextInt(topology.partitions())),
                                1 + random.nextInt(3)));
            case REWIND -> {
                if (random.nextInt(4) == 0) {
                    server.rewindGroups();
                }
            }
            case REBALANCE -> ghost();
            case EXPELLED -> server.expelMembers();
            case DISK_FULL -> {
                var disk = run.anyApplication().disk();
                during(() -> disk.isFull = true, () -> disk.isFull = false);
            }
            case DISK_FAILS -> {
                var application = run.anyApplication();
                var disk = application.disk();
                during(() -> disk.isFailing = true, () -> {
                    disk.isFailing = false;
                    run.restart(application);
                });
            }
            case CLOCK_JUMPS ->
                run.world()
                        .scheduler()
                        .jumpWallClock((random.nextBoolean() ? 1 : -1)
                                * random.nextLong(Duration.ofDays(2).toNanos()));
            case RESTART -> {
                if (random.nextInt(3) == 0) {
                    run.restart(run.anyApplication());
                }
            }
            case OPERATOR -> run.operators().act(run.anyApplication());
            case SHIPPED_AGAIN -> {
                if (random.nextInt(3) == 0) {
                    run.operators().shipAgain(run.anyApplication());
                }
            }
            case KILL,
                    HANDLER_THROWS,
                    HANDLER_ERRORS,
                    HANDLER_LATE,
                    HANDLER_HANGS,
                    HANDLER_REJECTS,
                    HANDLER_HOLDS,
                    TORN_PAGES,
                    HANDLER_ASKS_AGAIN,
                    HANDLER_SKIPS -> {} // happen by themselves, or with others
        }
    }

    /** Another member of a group takes its share, reads nothing, and leaves. */
    private void ghost() {
        var groups = run.groups();
        var group = groups.get(random.nextInt(groups.size()));
        var broker = run.world()
                .server()
                .open(new BrokerContext(
                        "ghost",
                        "ghost",
                        BrokerAddress.parse("memory:"),
                        Map.of(),
                        run.world().clock()));
        var member = broker.consumer(
                new Subscription(group, Set.copyOf(run.topics()), Subscription.Start.EARLIEST, "ghost", 1), new Idle());
        haunt(broker, member, 1 + random.nextInt(8));
    }

    private void haunt(Broker broker, BrokerConsumer member, int turns) {
        run.world().scheduler().after(random.nextLong(LONGEST / 4), "ghost", () -> {
            if (turns == 0 || run.isHealed()) {
                broker.close();
            } else {
                poll(member);
                haunt(broker, member, turns - 1);
            }
        });
    }

    private static void poll(BrokerConsumer member) {
        try {
            member.poll(Duration.ZERO, message -> {});
        } catch (BrokerException away) {
            // it is away for the others, too
        }
    }

    /** Takes what it is given and does nothing about it. */
    private static final class Idle implements AssignmentListener {

        @Override
        public void onAssigned(List<Assigned> assigned) {}

        @Override
        public void onRevoked(Set<TopicPartition> revoked) {}

        @Override
        public void onLost(Set<TopicPartition> lost) {}
    }
}
