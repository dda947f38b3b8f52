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

/** One of the threads that publish, each the events of keys of its own, at an even rate, until the process dies. */
final class Publishing implements Runnable {

    /** More than any life publishes, so that numbers grow over all lives. */
    private static final long NUMBERS_PER_LIFE = 10_000_000;

    private static final int KEYS = 48;
    private static final int CALLS_PER_BATCH = 16;
    private static final int BATCH = 5;

    private final Journal journal;
    private final EventPublisher publisher;
    private final int life;
    private final int number;
    private final long nanosPerEvent;
    private final Random random;
    private long published;

    /**
     * @param number of the thread, from 0
     * @param perSecond events of this thread
     */
    Publishing(Journal journal, EventPublisher publisher, int life, int number, int perSecond) {
        this.journal = journal;
        this.publisher = publisher;
        this.life = life;
        this.number = number;
        this.nanosPerEvent = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.random = new Random(31L * life + number);
    }

    @Override
    public void run() {
        long start = System.nanoTime();
        while (true) {
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
        String key = number + "-" + entity;
        long seq = life * NUMBERS_PER_LIFE + published;
        String id = life + "-" + number + "-" + published;
        String text = "x".repeat(random.nextInt(200));
        journal.intent(id, key, seq);
        Event<?> event = entity % 2 == 0 ? Event.of(new Booked(key, seq, text)) : Event.of(new Stated(key, seq, text));
        return event.withId(id);
    }
}
