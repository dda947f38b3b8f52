package dev.syncline.verification.kill;

import dev.syncline.api.Event;
import dev.syncline.api.EventPublisher;
import dev.syncline.api.OutboxFullException;
import dev.syncline.testkit.kill.Journal;
import dev.syncline.verification.kill.Account.Booked;
import dev.syncline.verification.kill.Account.Stated;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** One of the threads that publish, each the events of keys of its own, at an even rate, until the process dies or leaves. */
final class Publishing implements Runnable {

    /** More than any life publishes, so that numbers grow over all lives. */
    private static final long NUMBERS_PER_LIFE = 10_000_000;

    private static final int KEYS = 48;
    private static final int CALLS_PER_BATCH = 16;
    private static final int BATCH = 5;

    private final Journal journal;
    private final EventPublisher publisher;
    private final int life;
    private final String name;
    private final long nanosPerEvent;
    private final BooleanSupplier isToEnd;
    private final Random random;
    private long published;

    /**
     * @param name of the thread, which no other has in any instance; its keys begin with it
     * @param perSecond events of this thread
     */
    Publishing(
            Journal journal, EventPublisher publisher, int life, String name, int perSecond, BooleanSupplier isToEnd) {
        this.journal = journal;
        this.publisher = publisher;
        this.life = life;
        this.name = name;
        this.isToEnd = isToEnd;
        this.nanosPerEvent = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.random = new Random(31L * life + name.hashCode());
    }

    @Override
    public void run() {
        long start = System.nanoTime();
        while (!isToEnd.getAsBoolean()) {
            publish(random.nextInt(CALLS_PER_BATCH) == 0 ? BATCH : 1);
            long early = start + published * nanosPerEvent - System.nanoTime();
            if (early > 0) {
                LockSupport.parkNanos(early);
            }
        }
    }

    private void publish(int count) {
        List<Event<?>> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(next());
        }
        try {
            if (count == 1) {
                publisher.publish(events.get(0));
            } else {
                publisher.publishAll(events);
            }
            events.forEach(event -> journal.accepted(event.id()));
        } catch (OutboxFullException full) {
            events.forEach(event -> journal.refused(event.id()));
        }
    }

    private Event<?> next() {
        published++;
        int entity = random.nextInt(KEYS);
        String key = name + "-" + entity;
        long seq = life * NUMBERS_PER_LIFE + published;
        String id = life + "-" + name + "-" + published;
        String text = "x".repeat(random.nextInt(200));
        journal.intent(id, key, seq);
        Event<?> event = entity % 2 == 0 ? Event.of(new Booked(key, seq, text)) : Event.of(new Stated(key, seq, text));
        return event.withId(id);
    }
}
