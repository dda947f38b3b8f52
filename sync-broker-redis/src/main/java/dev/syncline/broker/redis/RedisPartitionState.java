package dev.syncline.broker.redis;

import dev.syncline.spi.Bytes;
import dev.syncline.spi.PartitionState;
import dev.syncline.spi.StateChange;
import dev.syncline.spi.StateFencedException;
import dev.syncline.spi.StateKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The state of one partition, as long as nobody else takes it: each call a script, which compares the token first. */
final class RedisPartitionState implements PartitionState {

    /** Far below what Redis takes: larger ones would keep it from others for too long. */
    private static final int MAX_ENTRY_BYTES = 16 << 20;

    private static final byte[] NOTHING = new byte[0];
    private static final byte PRESENT = '=';
    private static final String CHANGED = "CHANGED";

    private final StateLink link;
    private final String scope;
    private final int partition;
    private final String token;
    private final boolean isNew;

    RedisPartitionState(StateLink link, String scope, int partition, String token, boolean isNew) {
        this.link = link;
        this.scope = scope;
        this.partition = partition;
        this.token = token;
        this.isNew = isNew;
    }

    @Override
    public String token() {
        return token;
    }

    @Override
    public int maxEntryBytes() {
        return MAX_ENTRY_BYTES;
    }

    @Override
    public boolean isNew() {
        return isNew;
    }

    @Override
    public CompletionStage<List<@Nullable Bytes>> read(List<StateKey> keys) {
        var arguments = arguments();
        for (var key : keys) {
            arguments.add(table(key));
            arguments.add(key.key().toByteArray());
        }
        return run(Script.STATE_READ, arguments, "cannot read").thenApply(reply -> {
            var found = new ArrayList<@Nullable Bytes>(keys.size());
            for (int i = 1; i <= keys.size(); i++) {
                var value = (byte[]) reply.values().get(i);
                found.add(value.length == 0 ? null : Bytes.wrap(value, 1, value.length - 1));
            }
            return found;
        });
    }

    @Override
    public CompletionStage<Boolean> write(List<StateChange> changes) {
        var arguments = arguments();
        for (var change : changes) {
            arguments.add(table(change.key()));
            arguments.add(change.key().key().toByteArray());
            arguments.add(expected(change.before()));
            arguments.add(change.after().toByteArray());
            var keepFor = change.keepFor();
            arguments.add(keepFor == null ? NOTHING : Keys.bytes(String.valueOf(Math.max(1, keepFor.toMillis()))));
        }
        return run(Script.STATE_WRITE, arguments, "cannot write")
                .thenApply(reply -> !reply.status().equals(CHANGED));
    }

    @Override
    public CompletionStage<@Nullable Void> append(List<LogEntry> entries) {
        var arguments = arguments();
        for (var entry : entries) {
            arguments.add(Keys.bytes(String.valueOf(entry.index())));
            arguments.add(entry.data().toByteArray());
        }
        return run(Script.STATE_APPEND, arguments, "cannot append to").thenAccept(reply -> {});
    }

    @Override
    public CompletionStage<LogPage> readLog(long from, int most) {
        var arguments = arguments();
        arguments.addAll(Keys.list(String.valueOf(Math.max(1, from)), String.valueOf(most)));
        return run(Script.STATE_LOG, arguments, "cannot read the log of").thenApply(reply -> {
            var flat = reply.list(2);
            var entries = new ArrayList<LogEntry>(flat.size() / 2);
            for (int i = 0; i < flat.size(); i += 2) {
                entries.add(
                        new LogEntry(Long.parseLong(Reply.asText(flat.get(i))), Bytes.wrap((byte[]) flat.get(i + 1))));
            }
            return new LogPage(entries, reply.number(1));
        });
    }

    @Override
    public CompletionStage<@Nullable Void> dropLog(long before) {
        var arguments = arguments();
        arguments.add(Keys.bytes(String.valueOf(before)));
        return run(Script.STATE_DROP, arguments, "cannot drop of").thenAccept(reply -> {});
    }

    private List<byte[]> arguments() {
        return Keys.list(String.valueOf(partition), token);
    }

    private CompletionStage<Reply> run(Script script, List<byte[]> arguments, String what) {
        return link.run(script, scope, arguments, what + " the state of partition " + partition + " in " + scope)
                .thenApply(reply -> {
                    if (reply.isLost()) {
                        throw new StateFencedException("the state of partition " + partition + " in " + scope
                                + " was taken by another owner, our token was " + token);
                    }
                    return reply;
                });
    }

    private static byte[] table(StateKey key) {
        return Keys.bytes(key.table().name().toLowerCase(Locale.ROOT));
    }

    private static byte[] expected(@Nullable Bytes before) {
        if (before == null) {
            return NOTHING;
        }
        var marked = new byte[1 + before.length()];
        marked[0] = PRESENT;
        System.arraycopy(before.array(), before.offset(), marked, 1, before.length());
        return marked;
    }

    @Override
    public String toString() {
        return "partition " + partition + " in " + scope + " under token " + token;
    }
}
