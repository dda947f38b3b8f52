package dev.syncline.runtime.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.Rewound;
import dev.syncline.runtime.internal.log.InMemoryEventLog;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.outbox.Outgoing;
import dev.syncline.runtime.internal.turns.Turns;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The relay with its thread; what it decides is in {@link RelayDutyTest}. */
class RelayTest {

    private static final Logger RELAY_LOG = (Logger) LoggerFactory.getLogger(RelayTest.class.getPackageName());
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final AtomicLong clock = new AtomicLong();
    private final Outbox outbox = RelayRig.open(new InMemoryEventLog(), () -> Instant.ofEpochMilli(clock.get()));
    private final LiveBroker broker = new LiveBroker();
    private final LiveBroker other = new LiveBroker();
    private int published;

    @BeforeEach
    void quiet() {
        RELAY_LOG.setLevel(Level.OFF);
    }

    @AfterEach
    void end() {
        broker.close();
        other.close();
        RELAY_LOG.setLevel(null);
    }

    @Test
    void shipsWhatWasThereBeforeAndWhatComes() throws InterruptedException {
        publish("one", 3);
        try (var relay = open()) {
            relay.start();
            publish("one", 3);

            assertThat(relay.awaitShipped(SOON)).isTrue();
            assertThat(broker.arrived).containsExactly("1", "2", "3", "4", "5", "6");
        }
    }

    /** It sleeps up to a second by itself: a hundred lost wake-ups would take more than a minute. */
    @Test
    void anAppendWakesItEachTime() throws InterruptedException {
        try (var relay = open()) {
            relay.start();
            long begin = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                publish("one", 1);
                assertThat(relay.awaitShipped(SOON)).isTrue();
            }

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
        }
    }

    @Test
    void sleepsWhileThereIsNothingToDo() throws InterruptedException {
        try (var relay = open()) {
            relay.start();
            publish("one", 1);
            relay.awaitShipped(SOON);

            await().atMost(SOON).until(() -> relayThread().getState() == Thread.State.TIMED_WAITING);
        }
    }

    @Test
    void awaitShippedSaysWhetherItCameToBe() throws InterruptedException {
        try (var relay = open()) {
            assertThat(relay.awaitShipped(Duration.ZERO)).as("nothing is there").isTrue();
            broker.isAway = true;
            relay.start();
            publish("one", 1);

            assertThat(relay.awaitShipped(Duration.ofMillis(50))).isFalse();
            await().atMost(SOON).until(() -> !relay.status().problems().isEmpty());
            broker.isAway = false;

            assertThat(relay.awaitShipped(SOON)).isTrue();
            await().atMost(SOON).until(() -> relay.status().problems().isEmpty());
        }
    }

    @Test
    void awaitShippedEndsWhenTheRelayIsClosed() throws InterruptedException {
        broker.isAway = true;
        publish("one", 1);
        var relay = open();
        relay.start();
        var closer = new Thread(() -> {
            await().atMost(SOON).until(() -> relayThread().isAlive());
            relay.close();
        });
        closer.start();

        assertThat(relay.awaitShipped(SOON)).isFalse();
        closer.join();
    }

    @Test
    void whatIsSavedAtCloseIsNotSentAgain() throws InterruptedException {
        try (var relay = open()) {
            relay.start();
            publish("one", 50);
            relay.awaitShipped(SOON);
        }

        try (var relay = open()) {
            assertThat(relay.lowestNeeded()).isEqualTo(outbox.lastIndex());
            relay.start();
            publish("one", 1);
            relay.awaitShipped(SOON);
        }

        assertThat(broker.arrived).hasSize(51).doesNotHaveDuplicates();
    }

    @Test
    void l7_aClientThatHangsInItsCloseHoldsUpNobodyElse() throws InterruptedException {
        broker.hangsInClose = true;
        broker.isAway = true;
        var relay = open();
        relay.start();
        publish("one", 1);
        await().atMost(SOON).until(() -> !relay.status().problems().isEmpty());

        for (int i = 0; i < 20; i++) {
            publish("two", 1);
        }
        await().atMost(SOON).until(() -> other.arrived.size() == 20);
        assertThat(broker.producersMade).hasValue(1);

        long begin = System.nanoTime();
        relay.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void aClientThatBreaksIsMadeAnew() throws InterruptedException {
        broker.sendsToBreak.set(3);
        try (var relay = open()) {
            relay.start();
            publish("one", 2);

            assertThat(relay.awaitShipped(SOON)).isTrue();
            assertThat(broker.arrived).containsExactly("1", "2");
            assertThat(broker.producersMade).hasValueGreaterThan(3);
        }
    }

    @Test
    void anOutboxThatCannotBeReadIsToldAndTriedAgain() {
        var failures = new AtomicInteger(2);
        var store = new CursorFile(directory, false);
        var failing = new CursorStore() {
            @Override
            public Cursors load() {
                return store.load();
            }

            @Override
            public void save(Cursors cursors) {
                if (failures.getAndDecrement() > 0) {
                    throw new IllegalStateException("something unforeseen");
                }
                store.save(cursors);
            }

            @Override
            public void saveForced(Cursors cursors) {
                store.saveForced(cursors);
            }
        };
        try (var relay = Relay.open(
                "shop",
                RelaySettings.defaults(),
                outbox,
                failing,
                Map.of("one", broker),
                Set.of(),
                Map.of(),
                Turns.threads())) {
            relay.start();
            publish("one", 3);

            await().atMost(SOON)
                    .until(() -> relay.status().problems().stream().anyMatch(line -> line.contains("unforeseen")));
            await().atMost(SOON).until(() -> relay.status().problems().isEmpty());
            await().atMost(SOON).until(() -> Set.copyOf(broker.arrived).size() == 3);
        }
    }

    @Test
    void s23_closeLeavesNoThreadAndIsDoneTwice() throws InterruptedException {
        var relay = open();
        relay.start();
        publish("one", 10);
        relay.awaitShipped(SOON);

        relay.close();
        relay.close();

        await().atMost(SOON)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("syncline-shop-relay")));
        publish("one", 1); // nobody is there to be woken
    }

    @Test
    void closeWithoutStartIsPossible() {
        open().close();
    }

    @Test
    void isStartedOnce() {
        try (var relay = open()) {
            relay.start();

            assertThatThrownBy(relay::start).isInstanceOf(IllegalStateException.class);
        }
        var closed = open();
        closed.close();
        assertThatThrownBy(closed::start).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void s28_cursorsOfANewerReleaseAreRefusedAtOpen() throws IOException {
        Files.writeString(directory.resolve(CursorFile.NAME), "syncline relay cursors 2\n");

        assertThatThrownBy(this::open).isInstanceOf(OutboxException.class);
    }

    @Test
    void s26_shipsAgainSinceATime() throws InterruptedException {
        try (var relay = open()) {
            relay.start();
            publish("one", 3);
            publish("two", 1);
            clock.addAndGet(1_000);
            publish("one", 3);
            relay.awaitShipped(SOON);

            var rewound = relay.rewind("one", Instant.ofEpochMilli(500));

            assertThat(rewound).isEqualTo(new Rewound(Optional.of(Instant.ofEpochMilli(1_000)), 3, true));
            assertThat(relay.awaitShipped(SOON)).isTrue();
            assertThat(broker.arrived).containsExactly("1", "2", "3", "5", "6", "7", "5", "6", "7");
            assertThat(other.arrived).containsExactly("4");
            assertThat(relay.rewind("one", Instant.ofEpochMilli(1_001)))
                    .isEqualTo(new Rewound(Optional.empty(), 0, true));
        }
    }

    @Test
    void s26_whatWasDroppedIsToldToBeMissing() throws InterruptedException {
        var small = new InMemoryEventLog(1); // an entry per file
        var shrunk = RelayRig.open(small, () -> Instant.ofEpochMilli(clock.get()));
        try (var relay = Relay.open(
                "shop",
                RelaySettings.defaults(),
                shrunk,
                CursorStore.in(directory, false),
                Map.of("one", broker),
                Set.of(),
                Map.of(),
                Turns.threads())) {
            relay.start();
            for (int i = 1; i <= 3; i++) {
                clock.set(1_000L * i);
                publish(shrunk, "one");
            }
            relay.awaitShipped(SOON);
            small.dropBefore(small.lastIndex());

            assertThat(relay.rewind("one", Instant.EPOCH))
                    .isEqualTo(new Rewound(Optional.of(Instant.ofEpochMilli(3_000)), 1, false));
            assertThat(relay.rewind("one", Instant.ofEpochMilli(3_001)).isComplete())
                    .isTrue();
        }
    }

    @Test
    void aRewindThatCannotBeDoneSaysSo() {
        var relay = open();
        relay.start();
        publish("one", 1);

        assertThatThrownBy(() -> relay.rewind("three", Instant.EPOCH)).isInstanceOf(IllegalArgumentException.class);
        relay.close();
        assertThatThrownBy(() -> relay.rewind("one", Instant.EPOCH))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    private Relay open() {
        return Relay.open(
                "shop",
                RelaySettings.defaults(),
                outbox,
                CursorStore.in(directory, false),
                Map.of("one", broker, "two", other),
                Set.of(),
                Map.of(),
                Turns.threads());
    }

    private void publish(String to, int count) {
        for (int i = 0; i < count; i++) {
            publish(outbox, to);
        }
    }

    private void publish(Outbox into, String to) {
        var id = String.valueOf(++published);
        into.append(List.of(new Outgoing(to, new Message("orders", "k", Map.of("id", id), Map.of(), Bytes.utf8(id)))));
    }

    private static Thread relayThread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("syncline-shop-relay"))
                .findFirst()
                .orElseThrow();
    }
}
