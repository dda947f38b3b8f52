package dev.syncline.testkit.internal;

import dev.syncline.api.ConfigurationException;
import dev.syncline.runtime.internal.assembly.Storage;
import dev.syncline.runtime.internal.inbox.InboxTables;
import dev.syncline.runtime.internal.inbox.MarkProgress;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.FileIdentity;
import dev.syncline.runtime.internal.log.LogSettings;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.log.StoreLives;
import dev.syncline.runtime.internal.log.TextFile;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.outbox.OutboxAlarms;
import dev.syncline.runtime.internal.outbox.OutboxSettings;
import dev.syncline.runtime.internal.relay.CursorStore;
import dev.syncline.runtime.internal.relay.Cursors;
import dev.syncline.runtime.internal.table.Table;
import dev.syncline.runtime.internal.table.TableAlarms;
import dev.syncline.runtime.internal.table.TableUse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The data directory of one application on a simulated disk. It outlives the processes that use it, one at a time. The
 * end of a process takes nothing that was written; a power failure takes what was not forced: the newest entries of a
 * log from some place on, some entries of a table, the newest cursors.
 *
 * <p>Threading: the world's.
 */
public final class SimulatedDisk {

    private static final String OUTBOX = "outbox";
    private static final String NUMBERS = "outbox.numbers";

    /** One power failure of so many damages a file that was forced, as a disk does that says so too early. */
    private static final int DAMAGED = 20;

    private final RandomGenerator random;
    private final StoreId storeId;
    private final Map<String, SimulatedLog> logs = new TreeMap<>();
    private final Map<String, SimulatedTable[]> tables = new TreeMap<>();
    private final List<Cursors> savedCursors = new ArrayList<>();
    private final Map<String, String> texts = new TreeMap<>();
    private MarkProgress marks = MarkProgress.NONE;
    private int bootOfMarks;
    private int boots = 1;
    private boolean isUsed;
    private @Nullable Life holder;

    /** No room is left, until it is set to false. */
    public boolean isFull;

    /** Everything that is to be forced fails, until it is set to false. */
    public boolean isFailing;

    /** An empty disk. */
    public SimulatedDisk(Scheduler scheduler) {
        this.random = scheduler.random();
        this.storeId = new StoreId(random.nextLong(), random.nextLong());
        savedCursors.add(Cursors.NONE);
    }

    /** As the process that mounts it sees the disk. */
    public Storage mount(Life life) {
        return new Mounted(life);
    }

    /** Whether a power failure would leave an entry among what is parked of a handler in which all these texts stand. */
    public boolean hasForcedParked(String handler, String... texts) {
        for (var entry : logs.entrySet()) {
            if (entry.getKey().startsWith("park/" + handler + "/")
                    && entry.getValue().forcedContains(texts)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Takes what was not forced; the process that held it must have died.
     *
     * @param areTorn whether pages were half written, too: entries are damaged, not gone, and so is the file of the cursors;
     *     now and then a file that was forced cannot be read
     * @return how many entries were lost
     */
    public int losePower(boolean areTorn) {
        boots++;
        int lost = 0;
        for (var log : logs.values()) {
            lost += log.losePower(random, areTorn);
        }
        for (var ofUse : tables.values()) {
            for (var table : ofUse) {
                lost += table.losePower(random, areTorn);
            }
        }
        int keep = 1 + random.nextInt(savedCursors.size());
        boolean isCursorTorn = areTorn && keep < savedCursors.size() && random.nextBoolean();
        savedCursors.subList(keep, savedCursors.size()).clear();
        if (isCursorTorn) {
            savedCursors.add(Cursors.NONE);
        }
        if (areTorn && random.nextInt(DAMAGED) == 0) {
            texts.computeIfPresent(NUMBERS, (name, text) -> text.substring(0, text.length() / 2));
        }
        if (areTorn && random.nextInt(DAMAGED) == 0) {
            marks = MarkProgress.NONE;
        }
        return lost;
    }

    private final class Mounted implements Storage, InboxTables {

        private final Life life;

        Mounted(Life life) {
            this.life = life;
        }

        @Override
        public List<String> problems() {
            return List.of();
        }

        @Override
        public Opened open(String application, OutboxSettings settings, InstantSource clock, OutboxAlarms alarms) {
            if (holder != null && !holder.isDead()) {
                throw new ConfigurationException("the simulated disk of " + application + " is in use");
            }
            boolean isNew = !isUsed;
            isUsed = true;
            var outbox = Outbox.over(
                    log(OUTBOX, settings.log()),
                    storeId,
                    settings,
                    clock,
                    alarms,
                    new Text(NUMBERS),
                    "boot-" + boots,
                    isNew,
                    () -> new StoreId(random.nextLong(), random.nextLong()));
            holder = life;
            return new Opened(outbox, () -> holder = null);
        }

        private EventLog log(String name, LogSettings settings) {
            return logs.computeIfAbsent(name, n -> new SimulatedLog(SimulatedDisk.this, n, settings.segmentBytes()))
                    .open(life);
        }

        /** Nobody puts this disk back from a backup. */
        @Override
        public StoreLives lives(long random) {
            return StoreLives.ONE;
        }

        @Override
        public CursorStore cursors(boolean isForced) {
            return new CursorStore() {
                @Override
                public Cursors load() {
                    return savedCursors.get(savedCursors.size() - 1);
                }

                @Override
                public void save(Cursors cursors) {
                    save(cursors, isForced);
                }

                @Override
                public void saveForced(Cursors cursors) {
                    save(cursors, true);
                }

                private void save(Cursors cursors, boolean isForced) {
                    life.touch("cursors.save", () -> {
                        if (isForced) {
                            savedCursors.clear();
                        }
                        savedCursors.add(cursors);
                    });
                }
            };
        }

        private String parkName(String handler, String broker) {
            return "park/" + handler + "/" + broker;
        }

        @Override
        public boolean hasParked(String handler, String broker) {
            return logs.containsKey(parkName(handler, broker));
        }

        @Override
        public EventLog parked(String handler, String broker, LogSettings settings) {
            return log(parkName(handler, broker), settings);
        }

        @Override
        public TextFile parkedElsewhere(String handler, String broker) {
            return new Text("parked-elsewhere." + handler + "." + broker);
        }

        @Override
        public void forgetParked(String handler) {
            texts.keySet().removeIf(name -> name.startsWith("parked-elsewhere." + handler + "."));
            logs.keySet().removeIf(name -> name.startsWith("park/" + handler + "/"));
        }

        @Override
        public InboxTables inboxes() {
            return this;
        }

        @Override
        public List<String> handlers() {
            var handlers = new TreeSet<String>();
            tables.keySet().forEach(name -> handlers.add(name.substring(0, name.indexOf('/'))));
            return List.copyOf(handlers);
        }

        @Override
        public MarkProgress progress() {
            return boots == bootOfMarks ? marks : new MarkProgress(MarkProgress.NOTHING, marks.forgotten());
        }

        @Override
        public void save(MarkProgress progress) {
            life.touch("marks.save", () -> {
                marks = progress;
                bootOfMarks = boots;
            });
        }

        @Override
        public void forget(String handler) {
            tables.keySet().removeIf(name -> name.startsWith(handler + "/"));
        }

        @Override
        public Table[] open(String name, TableUse use, TableAlarms alarms) {
            var kept = tables.computeIfAbsent(name + "/" + use.name(), n -> {
                var made = new SimulatedTable[Shards.COUNT];
                for (int shard = 0; shard < made.length; shard++) {
                    made[shard] = new SimulatedTable(n);
                }
                return made;
            });
            var opened = new Table[kept.length];
            for (int shard = 0; shard < kept.length; shard++) {
                opened[shard] = kept[shard].open(life);
            }
            return opened;
        }

        private final class Text implements TextFile {

            private final String name;

            Text(String name) {
                this.name = name;
            }

            @Override
            public @Nullable String read() {
                return texts.get(name);
            }

            @Override
            public FileIdentity identity() {
                return FileIdentity.NONE;
            }

            @Override
            public void write(Function<FileIdentity, String> text) {
                life.touch(name + ".write", () -> {
                    texts.put(name, text.apply(FileIdentity.NONE));
                });
            }

            @Override
            public String toString() {
                return name + " of the simulated disk";
            }
        }
    }
}
