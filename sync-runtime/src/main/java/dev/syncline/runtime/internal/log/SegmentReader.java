package dev.syncline.runtime.internal.log;

import dev.syncline.api.OutboxException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Finds entries by their {@link Frame} and believes nothing else that stands in a file: not Chronicle's lengths, not its
 * index. From the end of one frame it looks at every fourth byte for the next whose place, length and sum are right.
 * Where nothing is damaged that is the next or next but one; where something is, it finds what lies behind. An index
 * that is missing in between is damage; so is a document behind the last frame that is complete and has none.
 *
 * <p>Reads through the file, not through a mapping: a file that is cut or deleted meanwhile is an error or an end, and
 * never a fault in the JVM.
 */
final class SegmentReader implements LogReader {

    private static final int WINDOW_BYTES = 64 << 10;
    private static final int KEPT_WINDOW_BYTES = 1 << 20;

    /** Chronicle's word before each document: two flags and the length, in the order of the machine. */
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private static final int NOT_COMPLETE = 0x8000_0000;
    private static final int META_DATA = 0x4000_0000;
    private static final int LENGTH = 0x3fff_ffff;

    private final SegmentList segments;
    private final int maxEntryBytes;
    private final CRC32C crc = new CRC32C();

    private @Nullable LogSegment segment;
    private @Nullable DiskFile file;

    /** Everything before this place in the file is done with. */
    private long position;

    /** The next entry's index, if nothing is missing. */
    private long expected;

    /** The last frame seen in the file. */
    private long seen;

    private byte[] window = new byte[WINDOW_BYTES];
    private ByteBuffer windowBuffer = ByteBuffer.wrap(window);
    private long windowStart;
    private int windowLength;

    private long index = EventLog.NONE;
    private int offset;
    private int length;
    private String damage = "";
    private volatile boolean closed;

    SegmentReader(SegmentList segments, int maxEntryBytes) {
        this.segments = segments;
        this.maxEntryBytes = maxEntryBytes;
    }

    @Override
    public Step next() {
        checkOpen();
        try {
            while (true) {
                var current = segment;
                if (current == null) {
                    current = open(segments.atOrAfter(expected));
                    if (current == null) {
                        return Step.NOTHING;
                    }
                }
                boolean isSealed = current.isSealed();
                var step = next(current, current.end());
                if (step != Step.NOTHING || !isSealed) {
                    return step;
                }
                var following = segments.atOrAfter(current.endIndex());
                if (following == null) {
                    return Step.NOTHING;
                }
                expected = Math.max(expected, following.firstIndex());
                open(following);
            }
        } catch (ClosedChannelException e) {
            checkOpen();
            throw failed(e);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private Step next(LogSegment current, long end) throws IOException {
        while (position < end) {
            long at = find(current, end);
            if (at < 0) {
                return nothingUpTo(current, end);
            }
            int found = (int) (at - windowStart);
            long foundIndex = Frame.index(window, found);
            if (foundIndex > expected) {
                return damaged(foundIndex, at, foundIndex - expected + " of file " + current + " before byte " + at);
            }
            position = at + Frame.HEADER_BYTES + Frame.length(window, found);
            seen = foundIndex;
            current.sample(foundIndex, at);
            if (foundIndex == expected) {
                index = foundIndex;
                offset = found + Frame.HEADER_BYTES;
                length = Frame.length(window, found);
                damage = "";
                expected = foundIndex + 1;
                return Step.ENTRY;
            }
        }
        return Step.NOTHING;
    }

    /** No frame is left. That is in order at the end of a file, unless a document is there that should hold one. */
    private Step nothingUpTo(LogSegment current, long end) throws IOException {
        long from = position;
        if (!isDocumentWithoutFrame(from, end)) {
            position = end;
            return Step.NOTHING;
        }
        return damaged(
                Math.max(expected, current.lastIndex()) + 1, end, "the last of file " + current + " from byte " + from);
    }

    private Step damaged(long nextIndex, long nextPosition, String what) {
        index = expected;
        length = 0;
        damage = "entries that cannot be read: " + what;
        expected = nextIndex;
        position = nextPosition;
        return Step.DAMAGED;
    }

    /** Returns where the next frame begins, which the window then covers, or -1. */
    private long find(LogSegment current, long end) throws IOException {
        long at = Frame.aligned(position);
        while (at + Frame.HEADER_BYTES <= end) {
            cover(at, Frame.HEADER_BYTES, end);
            int last = windowLength - Frame.HEADER_BYTES;
            for (int i = (int) (at - windowStart); i <= last; i += Frame.ALIGNMENT) {
                if (Frame.hasMagic(window, i)) {
                    long candidate = windowStart + i;
                    if (isFrame(current, candidate, end)) {
                        return candidate;
                    }
                    i = (int) (candidate - windowStart); // the window may have moved
                    last = windowLength - Frame.HEADER_BYTES;
                }
                at = windowStart + i + Frame.ALIGNMENT;
            }
        }
        return -1;
    }

    private boolean isFrame(LogSegment current, long at, long end) throws IOException {
        int i = (int) (at - windowStart);
        int entry = Frame.length(window, i);
        long entryIndex = Frame.index(window, i);
        if (entry < 0
                || entry > maxEntryBytes
                || at + Frame.HEADER_BYTES + entry > end
                || LogSegment.cycle(entryIndex) != current.cycle()
                || entryIndex <= seen) {
            return false;
        }
        cover(at, Frame.HEADER_BYTES + entry, end);
        int found = (int) (at - windowStart);
        if (!Frame.isIntact(window, found, crc)) {
            return false;
        }
        int version = Frame.version(window, found);
        if (version != Frame.VERSION) {
            throw new OutboxException("entry " + Long.toHexString(entryIndex) + " of the log, in file "
                    + current.path() + ", has a frame of version " + version + ", this release reads " + Frame.VERSION
                    + ": it was written by a newer release, go on with that one");
        }
        return true;
    }

    /** Follows Chronicle's words from the end of the last frame on, to tell an empty end from a lost entry. */
    private boolean isDocumentWithoutFrame(long from, long end) throws IOException {
        long at = Frame.aligned(from);
        while (at + Integer.BYTES <= end) {
            cover(at, Integer.BYTES, end);
            int word = (int) WORD.get(window, (int) (at - windowStart));
            if (word == 0 || (word & NOT_COMPLETE) != 0) {
                return false; // nothing more, an end mark, or an append that the crash cut off
            }
            if ((word & META_DATA) == 0) {
                return true;
            }
            at = Frame.aligned(at + Integer.BYTES + (word & LENGTH));
        }
        return false;
    }

    /** Has the window hold these bytes, and more behind them if there are. */
    private void cover(long from, int bytes, long end) throws IOException {
        if (from >= windowStart && from + bytes <= windowStart + windowLength) {
            return;
        }
        if (bytes > window.length || (window.length > KEPT_WINDOW_BYTES && bytes <= WINDOW_BYTES)) {
            window = new byte[Math.max(WINDOW_BYTES, Frame.HEADER_BYTES + bytes)];
            windowBuffer = ByteBuffer.wrap(window);
        }
        windowBuffer.clear().limit((int) Math.min(window.length, end - from));
        windowStart = from;
        windowLength = 0;
        file().read(windowBuffer, from);
        windowLength = windowBuffer.position();
        if (windowLength < bytes) {
            throw new IOException("file " + file().path() + " ends at byte " + (from + windowLength) + ", not " + end);
        }
    }

    private DiskFile file() throws IOException {
        var open = file;
        if (open == null) {
            throw new ClosedChannelException();
        }
        return open;
    }

    /** Opens a segment, or the next one that is still there. */
    private @Nullable LogSegment open(@Nullable LogSegment wanted) throws IOException {
        closeFile();
        var next = wanted;
        while (next != null) {
            try {
                file = DiskFile.toRead(next.path());
                break;
            } catch (NoSuchFileException e) {
                next = segments.atOrAfter(next.endIndex()); // dropped a moment ago
            }
        }
        segment = next;
        if (next != null) {
            expected = Math.max(expected, next.firstIndex());
            position = next.positionBefore(expected);
            seen = next.firstIndex() - 1;
        }
        return next;
    }

    @Override
    public long index() {
        return index;
    }

    @Override
    public byte[] array() {
        return window;
    }

    @Override
    public int offset() {
        return offset;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public String damage() {
        return damage;
    }

    /** Where the entry ends in its file. */
    long endPosition() {
        return position;
    }

    @Override
    public void moveTo(long toIndex) {
        expected = toIndex;
        var current = segment;
        if (current != null && LogSegment.cycle(toIndex) == current.cycle()) {
            position = current.positionBefore(toIndex);
            seen = current.firstIndex() - 1;
        } else {
            closeFile();
            segment = null;
        }
    }

    @Override
    public void moveToEnd() {
        var newest = segments.newest();
        moveTo(newest == null ? 0 : Math.max(newest.lastIndex() + 1, newest.firstIndex()));
    }

    @Override
    public void close() {
        closed = true;
        closeFile();
    }

    private void closeFile() {
        var open = file;
        if (open != null) {
            open.close();
            file = null;
        }
        windowLength = 0;
    }

    private void checkOpen() {
        if (closed || segments.isClosed()) {
            throw new OutboxException("the log is closed");
        }
    }

    private OutboxException failed(IOException e) {
        return new OutboxException("file " + segment + " of the log cannot be read: " + e, e);
    }
}
