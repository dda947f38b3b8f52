package dev.syncline.testkit;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.OwnedLog.LogEntry;
import dev.syncline.spi.OwnedLog.LogPage;
import dev.syncline.spi.PartitionState;
import dev.syncline.spi.StateChange;
import dev.syncline.spi.StateFencedException;
import dev.syncline.spi.StateKey;
import dev.syncline.spi.StateStore.StateScope;
import dev.syncline.spi.StateTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What an {@link InMemoryState} keeps of one scope. Every method is called with the monitor of the whole held. */
final class MemoryScope {

    /** That of Redis. */
    private static final int MAX_ENTRY_BYTES = 16 << 20;

    private final Map<StateKey, Entry> entries = new LinkedHashMap<>();
    private final Map<Integer, Long> tokens = new HashMap<>();
    private final Map<Integer, TreeMap<Long, Bytes>> logs = new HashMap<>();
    private final Map<Integer, Long> newest = new HashMap<>();

    /** @param forgetAtNanos by the monotonic clock */
    private record Entry(Bytes value, boolean isForgetful, long forgetAtNanos) {}

    PartitionState take(StateScope scope, int partition, InMemoryState server) {
        var before = tokens.get(partition);
        long token = before == null ? 1 : before + 1;
        tokens.put(partition, token);
        return new Owned(scope, partition, token, before == null, server);
    }

    private @Nullable Bytes find(StateKey key) {
        var entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        if (entry.isForgetful && System.nanoTime() - entry.forgetAtNanos >= 0) {
            entries.remove(key);
            return null;
        }
        return entry.value;
    }

    private void put(StateScope scope, StateChange change) {
        boolean isId = change.key().table() == StateTable.IDS;
        var keepFor = isId ? scope.idRetention() : change.keepFor();
        entries.put(
                change.key(),
                new Entry(
                        change.after(), keepFor != null, keepFor == null ? 0 : System.nanoTime() + keepFor.toNanos()));
        if (isId) {
            dropOldestIds(scope.maxIds());
        }
    }

    private void dropOldestIds(long most) {
        var ids = entries.keySet().stream()
                .filter(key -> key.table() == StateTable.IDS)
                .toList();
        ids.subList(0, (int) Math.max(0, ids.size() - most)).forEach(entries::remove);
    }

    /** One assignment of a partition. */
    private final class Owned implements PartitionState {

        private final StateScope scope;
        private final int partition;
        private final long token;
        private final boolean isNew;
        private final InMemoryState server;

        Owned(StateScope scope, int partition, long token, boolean isNew, InMemoryState server) {
            this.scope = scope;
            this.partition = partition;
            this.token = token;
            this.isNew = isNew;
            this.server = server;
        }

        @Override
        public String token() {
            return Long.toString(token);
        }

        @Override
        public boolean isNew() {
            return isNew;
        }

        @Override
        public int maxEntryBytes() {
            return MAX_ENTRY_BYTES;
        }

        @Override
        public CompletionStage<List<@Nullable Bytes>> read(List<StateKey> keys) {
            return fenced(() -> {
                var found = new ArrayList<@Nullable Bytes>(keys.size());
                keys.forEach(key -> found.add(find(key)));
                return found;
            });
        }

        @Override
        public CompletionStage<Boolean> write(List<StateChange> changes) {
            return fenced(() -> {
                for (var change : changes) {
                    if (!Objects.equals(find(change.key()), change.before())) {
                        return false;
                    }
                }
                changes.forEach(change -> put(scope, change));
                return true;
            });
        }

        @Override
        public CompletionStage<@Nullable Void> append(List<LogEntry> entries) {
            return fenced(() -> {
                for (var entry : entries) {
                    if (entry.index() > newest.getOrDefault(partition, 0L)) {
                        log().put(entry.index(), entry.data());
                        newest.put(partition, entry.index());
                    }
                }
                return null;
            });
        }

        @Override
        public CompletionStage<LogPage> readLog(long from, int most) {
            return fenced(() -> new LogPage(
                    log().tailMap(from).entrySet().stream()
                            .limit(most)
                            .map(entry -> new LogEntry(entry.getKey(), entry.getValue()))
                            .toList(),
                    newest.getOrDefault(partition, 0L)));
        }

        @Override
        public CompletionStage<@Nullable Void> dropLog(long before) {
            return fenced(() -> {
                log().headMap(before).clear();
                return null;
            });
        }

        private NavigableMap<Long, Bytes> log() {
            return logs.computeIfAbsent(partition, number -> new TreeMap<>());
        }

        private <T extends @Nullable Object> CompletionStage<T> fenced(Supplier<T> call) {
            return server.answer(() -> {
                if (tokens.getOrDefault(partition, 0L) != token) {
                    throw new StateFencedException("partition " + partition + " of " + scope.topic()
                            + " was taken by another owner, our token was " + token);
                }
                return call.get();
            });
        }
    }
}
