package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.testkit.InMemoryBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Threads that publish, and threads that handle, are interrupted at any moment while events flow. */
class InterruptsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PUBLISHERS = 3;
    private static final int KEYS = 5;
    private static final int EVENTS = 400;
    private static final int MOST_PAUSE_NANOS = 400_000;

    @TempDir
    Path directory;

    private final Set<Thread> handling = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final AtomicInteger interruptedHandlers = new AtomicInteger();
    private final Queue<String> handled = new ConcurrentLinkedQueue<>();
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final Set<String> failed = ConcurrentHashMap.newKeySet();

    @EventType(value = "interrupt.item.changed", kind = EventType.Kind.DELTA)
    record Changed(@EventKey String item, int number) {}

    /** Waits for a moment, as handlers do that write to a target; an interrupt there is a failed attempt. */
    @SyncHandler(value = "target", concurrency = 2, retry = "1ms 1ms", retryLater = "5ms 10ms 20ms")
    final class Target {
        @OnEvent
        void changed(Event<Changed> event) throws InterruptedException {
            handling.add(Thread.currentThread());
            if (event.payload().number() % 4 == 0) {
                try {
                    TimeUnit.MICROSECONDS.sleep(200);
                } catch (InterruptedException interrupted) {
                    interruptedHandlers.incrementAndGet();
                    throw interrupted;
                }
            }
            handled.add(event.id());
        }
    }

    private final class Publisher extends Thread {

        private final Sync sync;
        private final int name;

        Publisher(Sync sync, int name) {
            super("publisher-" + name);
            this.sync = sync;
            this.name = name;
        }

        @Override
        public void run() {
            for (int i = 0; i < EVENTS; i++) {
                var id = name + "-" + i;
                var event = Event.of(new Changed("item-" + name + "-" + i % KEYS, i))
                        .withId(id);
                try {
                    sync.publisher().publish(event);
                    accepted.add(id);
                } catch (RuntimeException refused) {
                    failed.add(id);
                }
                if (i % 7 == 0) {
                    boolean unused = Thread.interrupted(); // else every call but the first finds itself interrupted
                }
            }
        }
    }

    /** Interrupts one after the other until all have published, and a good while longer those that handle. */
    private final class Interrupter extends Thread {

        private final List<Publisher> publishers;
        private int interrupts;

        Interrupter(List<Publisher> publishers) {
            super("interrupter");
            this.publishers = publishers;
        }

        @Override
        public void run() {
            var random = new Random(1);
            while (!isOver.get()) {
                var victims = new ArrayList<Thread>(publishers);
                victims.addAll(handling);
                victims.get(random.nextInt(victims.size())).interrupt();
                interrupts++;
                LockSupport.parkNanos(random.nextInt(MOST_PAUSE_NANOS));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"local:, process", "local:, disk", "memory:, process"})
    void s3_s1_s7_interruptsLoseNothingInventNothingAndReorderNothing(String broker, String durability)
            throws Exception {
        var builder = Sync.builder("interrupts")
                .dataDirectory(directory)
                .settings(Map.of("outbox.durability", durability))
                .handlers(new Target());
        try (var sync = (broker.equals("local:")
                        ? builder.broker(broker)
                        : builder.broker(new InMemoryBroker(), broker + "?topics.create=true&topics.partitions=2"))
                .start()) {
            var publishers = new ArrayList<Publisher>();
            for (int i = 0; i < PUBLISHERS; i++) {
                publishers.add(new Publisher(sync, i));
            }
            var interrupter = new Interrupter(publishers);
            publishers.forEach(Thread::start);
            interrupter.start();
            for (var publisher : publishers) {
                publisher.join(PATIENCE.toMillis());
                assertThat(publisher.isAlive()).as("%s hangs", publisher).isFalse();
            }
            isOver.set(true);
            interrupter.join();
            sync.awaitQuiet(PATIENCE);
            await().atMost(PATIENCE).until(() -> handled.size() >= accepted.size());

            assertThat(interrupter.interrupts).isPositive();
            assertThat(sync.deadLetters().count(Selection.all())).isZero();
        }
        assertThat(failed).as("an interrupt is no reason to refuse").isEmpty();
        assertThat(accepted).hasSize(PUBLISHERS * EVENTS);
        assertThat(handled).doesNotHaveDuplicates().hasSameElementsAs(accepted);
        assertInOrder();
    }

    private void assertInOrder() {
        var newest = new HashMap<String, Integer>();
        for (var id : handled) {
            var words = id.split("-", -1);
            int number = Integer.parseInt(words[1]);
            var before = newest.put(words[0] + "-" + number % KEYS, number);
            assertThat(before == null || before < number)
                    .as("%s of its key after number %s", id, before)
                    .isTrue();
        }
    }
}
