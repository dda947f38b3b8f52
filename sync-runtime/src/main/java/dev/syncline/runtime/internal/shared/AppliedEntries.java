package dev.syncline.runtime.internal.shared;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.dispatch.Applied.Answer;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.inbox.EntityChange;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.inbox.OutboxSequence;
import dev.syncline.runtime.internal.shared.Versions.Version;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.StateChange;
import dev.syncline.spi.StateKey;
import dev.syncline.spi.StateTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of a shared store an event has to do with, what they say of it, and what becomes of them when it is
 * applied. The rules are those of the embedded {@code ShardInbox} and {@code ShardGuard}, where their reasons stand.
 *
 * <pre>
 * SEQUENCE  hash(outbox, key)     ranges, see {@link Ranges}        events of our own outboxes with a key
 * IDS       hash(outbox, n)       nothing                           of those: what its range does not tell, and what has no key
 *           hash(source, id)      digest of what the event says     foreign events, and results of handlers
 * GUARD     hash(key)             versions, see {@link Versions}    STATE and DELETE with a key
 * </pre>
 *
 * <p>Immutable: made for one event, of which it keeps no payload.
 */
final class AppliedEntries {

    private static final Bytes NOTHING = Bytes.empty();
    private static final int ABSENT = -1;

    private final EntityChange change;
    private final String origin;
    private final Duration tombstoneRetention;
    private final int partition;
    private final long n;
    private final boolean isOwn;
    private final boolean isResult;

    private final List<StateKey> keys = new ArrayList<>(4);
    private final int sequence;
    private final int number;
    private final int id;
    private final int guard;
    private final Bytes digest;

    AppliedEntries(Envelope event, Kind kind, InboxSettings settings) {
        this.change = EntityChange.of(event, kind);
        this.origin = EntryHash.of(change.origin()).digits();
        this.tombstoneRetention = settings.tombstoneRetention();
        this.partition =
                settings.isOrderedByLog() ? 0 : event.received().partition().partition();
        var outboxSeq = new OutboxSequence();
        this.isOwn = outboxSeq.parse(event.message().attribute("outboxseq"));
        this.n = isOwn ? outboxSeq.n() : 0;
        this.isResult = !event.message().attribute("causationid").isEmpty();
        var outbox = isOwn ? Long.toHexString(outboxSeq.idHigh()) + "-" + Long.toHexString(outboxSeq.idLow()) : "";
        boolean hasKey = !event.key().isEmpty();
        this.sequence = isOwn && hasKey ? add(StateTable.SEQUENCE, EntryHash.of(outbox, event.key())) : ABSENT;
        this.number = isOwn ? add(StateTable.IDS, EntryHash.of("n", outbox, Long.toString(n))) : ABSENT;
        this.id = !isOwn || isResult ? add(StateTable.IDS, EntryHash.of("id", event.source(), event.id())) : ABSENT;
        this.guard = hasKey && kind != Kind.DELTA ? add(StateTable.GUARD, EntryHash.of(event.key())) : ABSENT;
        this.digest = id == ABSENT ? NOTHING : digest(event);
    }

    private int add(StateTable table, EntryHash hash) {
        keys.add(new StateKey(table, hash.key()));
        return keys.size() - 1;
    }

    /** Which event it is, whatever number of times it comes. */
    Identity identity() {
        return new Identity(change.topic(), keys.get(id == ABSENT ? number : id), digest);
    }

    /**
     * An event, as the entries know it.
     *
     * @param topic it came from, which its entries are apart by
     * @param digest of what it says; nothing where a number tells all
     */
    record Identity(String topic, StateKey key, Bytes digest) {}

    /** What is to be read; never empty. */
    List<StateKey> keys() {
        return keys;
    }

    /** What is to be done with the event, by what was read. */
    Answer answer(List<@Nullable Bytes> found) {
        if (isOwn) {
            if (isSequenceDone(found) || (isResult && found.get(id) != null)) {
                return Answer.DUPLICATE;
            }
        } else {
            var before = found.get(id);
            if (before != null) {
                return isResult || before.equals(digest) ? Answer.DUPLICATE : Answer.CONFLICT;
            }
        }
        return isStale(found) ? Answer.STALE : Answer.APPLY;
    }

    private boolean isSequenceDone(List<@Nullable Bytes> found) {
        if (sequence == ABSENT) {
            return found.get(number) != null;
        }
        var ranges = Ranges.parse(found.get(sequence));
        if (ranges == null) {
            return false;
        }
        if (n >= ranges.highest()) {
            return n == ranges.highest(); // by whatever partition: a number is given once
        }
        return ranges.contains(partition, n) || found.get(number) != null;
    }

    private boolean isStale(List<@Nullable Bytes> found) {
        if (guard == ABSENT || change.version() == EntityChange.NO_VERSION) {
            return false;
        }
        var newest = Versions.parse(found.get(guard)).of(origin);
        if (newest == null || change.version() > newest.number()) {
            return false;
        }
        boolean isRevival = change.kind() == Kind.STATE && newest.isDelete();
        return change.version() < newest.number() || isRevival;
    }

    /** What is to be written once the event is applied, by what was read; empty if all is as it should be. */
    List<StateChange> changes(List<@Nullable Bytes> found) {
        var changes = new ArrayList<StateChange>(4);
        if (guard != ABSENT) {
            changeGuard(found, changes);
        }
        if (id != ABSENT && found.get(id) == null) { // else the first one stands
            changes.add(new StateChange(keys.get(id), null, digest, null));
        }
        if (isOwn) {
            changeSequence(found, changes);
        }
        return changes;
    }

    private void changeSequence(List<@Nullable Bytes> found, List<StateChange> changes) {
        boolean isNumbered = sequence == ABSENT;
        if (sequence != ABSENT) {
            var before = Ranges.parse(found.get(sequence));
            var after = before == null ? Ranges.of(partition, n) : before.with(partition, n);
            if (!after.equals(before)) {
                changes.add(new StateChange(keys.get(sequence), found.get(sequence), after.entry(), null));
            }
            boolean isTold = after.contains(partition, n) && after.isOnlyIn(partition);
            isNumbered = !isTold;
        }
        if (isNumbered && found.get(number) == null) {
            changes.add(new StateChange(keys.get(number), null, NOTHING, null));
        }
    }

    private void changeGuard(List<@Nullable Bytes> found, List<StateChange> changes) {
        var before = Versions.parse(found.get(guard));
        var newest = before.of(origin);
        var version = newest(newest);
        if (version != null && !version.equals(newest)) {
            var after = before.with(origin, version);
            changes.add(new StateChange(
                    keys.get(guard), found.get(guard), after.entry(), after.isTombstone() ? tombstoneRetention : null));
        }
    }

    /** The newest version once the event is applied; null if there is none still. */
    private @Nullable Version newest(@Nullable Version before) {
        boolean isDelete = change.kind() == Kind.DELETE;
        if (before == null) {
            return change.version() == EntityChange.NO_VERSION ? null : new Version(change.version(), isDelete);
        }
        if (change.version() > before.number()) {
            return new Version(change.version(), isDelete);
        }
        boolean isDeleteOfNewest =
                isDelete && (change.version() == before.number() || change.version() == EntityChange.NO_VERSION);
        return isDeleteOfNewest ? new Version(before.number(), true) : before;
    }

    /** Whether the event makes it known that its entity has a second origin. */
    boolean isSecondOrigin(List<@Nullable Bytes> found) {
        if (guard == ABSENT || change.version() == EntityChange.NO_VERSION) {
            return false;
        }
        var before = Versions.parse(found.get(guard));
        return !before.byOrigin().isEmpty() && before.of(origin) == null;
    }

    /** Topic, key, origin, version. */
    EntityChange change() {
        return change;
    }

    /** Of what an event says: not of its time and traces, which a producer that sends again may make anew. */
    private static Bytes digest(Envelope event) {
        var message = event.message();
        return EntryHash.ascii(EntryHash.of(
                        event.type(),
                        Integer.toString(event.dataVersion()),
                        event.key(),
                        message.attribute("entityversion"),
                        message.attribute("origin"))
                .and(message.data())
                .digits());
    }
}
