package dev.syncline.runtime.internal.outbox;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.log.BootId;
import dev.syncline.runtime.internal.log.DirectoryLock;
import dev.syncline.runtime.internal.log.FileIdentity;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.log.TextFile;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps beside the log how far numbers may have been given, so that none is given twice even if the log's newest entries
 * are gone: by a power failure under {@code PROCESS}, because somebody deleted the files, or because an older copy of
 * them was put back.
 *
 * <p>Numbers are taken from blocks of {@value #BLOCK}; a block is on the disk before its first number is given. As long
 * as the machine has not been started anew, the log's tail can be trusted, because the kernel had it: then numbers go on
 * without a gap. Otherwise they go on above the block.
 *
 * <p>A copy knows nothing of the blocks that the original took after it. So whatever may be a copy goes on under another
 * outbox id, under which no number was ever given: when the file is not the one that it says it is, which every copy of
 * files gives away, and when the outbox was last in use some while ago, since the copy of a whole volume gives itself away
 * by its age only. An id taken without need costs receivers one mark more per key (decision 29). The file is written anew
 * each minute, so that one under which an older copy was written gives itself away, too.
 */
final class NumberFile implements Numbering {

    static final long BLOCK = 1L << 20;

    /** Longer than a restart takes, shorter than what a copy is put back after. */
    static final Duration PAUSE = Duration.ofMinutes(10);

    private static final Duration REFRESH_EVERY = Duration.ofMinutes(1);

    private static final long NONE_LOST = -1;

    private final TextFile file;
    private final String bootId;
    private final StoreId firstId;
    private final boolean isNewStore;
    private final Supplier<StoreId> ids;
    private final InstantSource clock;
    private StoreId outboxId;
    private @Nullable String whyNewId;
    private volatile long reserved;
    private long given;
    private long lostUpTo;
    private boolean wasClosed;
    private boolean isClosed;
    private long seenMillis;

    /**
     * @param bootId of this machine's run; empty if it is not known: then every start that follows no orderly end counts
     *     as one after a power failure
     * @param firstId id of the outbox of a new store
     * @param isNewStore whether there never was an outbox here
     * @param ids makes others
     */
    NumberFile(
            TextFile file,
            String bootId,
            StoreId firstId,
            boolean isNewStore,
            Supplier<StoreId> ids,
            InstantSource clock) {
        this.file = file;
        this.bootId = bootId;
        this.firstId = firstId;
        this.outboxId = firstId;
        this.isNewStore = isNewStore;
        this.ids = ids;
        this.clock = clock;
    }

    /** Of a data directory. */
    static NumberFile in(DirectoryLock store, InstantSource clock) {
        var file = TextFile.at(store.directory().resolve("outbox.numbers"));
        return new NumberFile(file, BootId.read(), store.storeId(), store.isNew(), StoreId::random, clock);
    }

    @Override
    public synchronized long resume(long lastInLog, boolean tailDamaged) {
        var before = read();
        var known = before == null ? null : before.outboxId();
        if (before == null && lastInLog == 0 && isNewStore) {
            outboxId = firstId;
        } else {
            whyNewId = whyNewId(before);
            outboxId = whyNewId == null && known != null ? known : ids.get();
        }
        long unknown = lastInLog == 0 ? 0 : lastInLog + BLOCK; // the log may have lost as much
        reserved = before == null ? unknown : before.reserved();
        wasClosed = before != null && before.isClosed();
        boolean isTailWhole = before != null
                && isSameRun(before)
                && !before.isClosed()
                && !tailDamaged
                && lastInLog >= before.given()
                && lastInLog > 0;
        reserved = Math.max(reserved, lastInLog);
        given = isTailWhole ? lastInLog : reserved;
        lostUpTo = given > lastInLog ? given : NONE_LOST;
        write(reserved, false);
        return given + 1;
    }

    private boolean isSameRun(NumberRecord before) {
        return !bootId.isEmpty() && bootId.equals(before.boot());
    }

    /** Why numbers may have been given under the id before that are not known here; null if they were not. */
    private @Nullable String whyNewId(@Nullable NumberRecord before) {
        if (before == null) {
            return "file " + file + " is missing or damaged";
        }
        if (before.outboxId() == null) {
            return "file " + file + " was written by an earlier release";
        }
        if (!before.file().mayBe(identity())) {
            return "file " + file + " is a copy: the directory was copied, or put back from a backup";
        }
        var pause = Duration.ofMillis(Math.abs(clock.millis() - before.seenMillis()));
        boolean isSurelyClosed = before.isClosed() && isSameRun(before);
        if (pause.compareTo(PAUSE) > 0 && !isSurelyClosed) {
            return "it was last in use " + pause.toMinutes()
                    + " minutes ago, and its volume may have been put back since";
        }
        return null;
    }

    @Override
    public StoreId outboxId() {
        return outboxId;
    }

    @Override
    public Optional<String> whyNewId() {
        return Optional.ofNullable(whyNewId);
    }

    @Override
    public boolean knowsTheLast() {
        return wasClosed;
    }

    @Override
    public void cover(long n) {
        if (n > reserved) {
            synchronized (this) {
                given = n - 1;
                write(n + BLOCK, false);
            }
        }
    }

    @Override
    public synchronized void refresh(long lastN) {
        if (!isClosed && Math.abs(clock.millis() - seenMillis) >= REFRESH_EVERY.toMillis()) {
            given = Math.max(given, lastN);
            write(reserved, false);
        }
    }

    @Override
    public synchronized void close(long lastN) {
        isClosed = true;
        given = lastN;
        write(lastN, wasClosed || lastN > lostUpTo); // else nobody knows which was the last
    }

    private @Nullable NumberRecord read() {
        try {
            var text = file.read();
            return text == null ? null : NumberRecord.parse(text, file);
        } catch (IOException e) {
            throw new OutboxException("file " + file + " cannot be read: " + e, e);
        }
    }

    private FileIdentity identity() {
        try {
            return file.identity();
        } catch (IOException e) {
            throw new OutboxException("file " + file + " cannot be looked at: " + e, e);
        }
    }

    private void write(long upTo, boolean isClosed) {
        long now = clock.millis();
        try {
            file.write(identity -> new NumberRecord(upTo, given, bootId, isClosed, outboxId, identity, now).format());
            reserved = upTo;
            seenMillis = now;
        } catch (IOException e) {
            throw new OutboxException("file " + file + " cannot be written: " + e + ". Nothing was stored", e);
        }
    }
}
