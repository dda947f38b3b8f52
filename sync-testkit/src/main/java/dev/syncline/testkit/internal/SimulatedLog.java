package dev.syncline.testkit.internal;

import dev.syncline.api.OutboxException;
import dev.syncline.api.OutboxFullException;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.InMemoryEventLog;
import dev.syncline.runtime.internal.log.LogReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A log on a simulated disk: what it holds outlives those who open it. */
final class SimulatedLog {

    /** One entry of so many that were not forced is damaged where pages are torn. */
    private static final int TORN = 4;

    private final SimulatedDisk disk;
    private final String name;
    private final List<String> forced = new ArrayList<>();
    private InMemoryEventLog kept;
    private long scannedTo = EventLog.NONE;

    SimulatedLog(SimulatedDisk disk, String name, long segmentBytes) {
        this.disk = disk;
        this.name = name;
        this.kept = new InMemoryEventLog(segmentBytes);
    }

    EventLog open(Life life) {
        kept = kept.reopened();
        return new Opened(life, kept);
    }

    /**
     * What was not forced is gone from some entry on.
     *
     * @param areTorn whether pages before it may be missing or half written, too, so that entries among those that are left
     *     are damaged
     */
    int losePower(RandomGenerator random, boolean areTorn) {
        int unforced = kept.unforced();
        int survivors = unforced == 0 ? 0 : random.nextInt(unforced + 1);
        if (areTorn && survivors > 0) {
            kept = kept.reopened();
            tear(random, survivors);
        }
        kept = kept.afterPowerLoss(survivors);
        return unforced - survivors;
    }

    private void tear(RandomGenerator random, int survivors) {
        try (var reader = kept.newReader()) {
            reader.moveTo(kept.forcedIndex() + 1);
            for (int i = 0; i < survivors && reader.next() != LogReader.Step.NOTHING; i++) {
                if (random.nextInt(TORN) == 0) {
                    kept.damage(reader.index());
                }
            }
        }
    }

    /** Whether an entry that a power failure leaves holds all these texts. */
    boolean forcedContains(String... texts) {
        scan();
        for (int i = forced.size() - 1; i >= 0; i--) { // one asks for what was put down of late
            if (containsAll(forced.get(i), texts)) {
                return true;
            }
        }
        return false;
    }

    private static boolean containsAll(String entry, String... texts) {
        for (var text : texts) {
            if (!entry.contains(text)) {
                return false;
            }
        }
        return true;
    }

    private void scan() {
        long upTo = kept.forcedIndex();
        if (upTo == scannedTo) {
            return;
        }
        try (var reader = kept.newReader()) {
            reader.moveTo(scannedTo + 1);
            for (var step = reader.next();
                    step != LogReader.Step.NOTHING && reader.index() <= upTo;
                    step = reader.next()) {
                if (step == LogReader.Step.ENTRY) {
                    forced.add(
                            new String(reader.array(), reader.offset(), reader.length(), StandardCharsets.ISO_8859_1));
                }
            }
        }
        scannedTo = upTo;
    }

    private final class Opened implements EventLog {

        private final Life life;
        private final InMemoryEventLog log;

        Opened(Life life, InMemoryEventLog log) {
            this.life = life;
            this.log = log;
        }

        @Override
        public long append(byte[] entry, int offset, int length) {
            return life.touch(name + ".append", () -> {
                if (disk.isFull) {
                    throw new OutboxFullException("the simulated disk is full");
                }
                return log.append(entry, offset, length);
            });
        }

        @Override
        public void force() {
            life.touch(name + ".force", () -> {
                if (disk.isFailing) {
                    throw new OutboxException("the simulated disk fails");
                }
                log.force();
            });
        }

        @Override
        public LogReader newReader() {
            life.requireAlive(name);
            return log.newReader();
        }

        @Override
        public long forcedIndex() {
            return log.forcedIndex();
        }

        @Override
        public long firstIndex() {
            return log.firstIndex();
        }

        @Override
        public long lastIndex() {
            return log.lastIndex();
        }

        @Override
        public String tailDamage() {
            return log.tailDamage();
        }

        @Override
        public List<Segment> segments() {
            return log.segments();
        }

        @Override
        public int dropBefore(long index) {
            return life.touch(name + ".drop", () -> log.dropBefore(index));
        }

        @Override
        public int maxEntryBytes() {
            return log.maxEntryBytes();
        }

        @Override
        public void close() {
            if (!life.isDead()) {
                log.close();
            }
        }
    }
}
