package dev.syncline.runtime.internal.streams;

import dev.syncline.spi.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads one log for many streams, each a filter over it, each at its own pace, and reads it once as long as they keep
 * up.
 *
 * <pre>
 *   log      a1  b1  a2  c1  b2  b3  a3  c2  c3  …
 *                    ▲                   ▲
 *                    │                   └── main reader: serves a and c, which are attached
 *                    └── b did not take b2: left behind there, with a reader of its own,
 *                        until it has come to where the main reader is; then it is attached again
 * </pre>
 *
 * <p>A stream that does not take an entry is left behind at it and asked no more until {@link #ready} is called; nobody
 * waits for it. So a stream gets all of its entries, in the order of the log, each once, unless it is moved with
 * {@link #moveTo}. All readers take turns, so that neither the newest entries nor a stream far behind starve.
 *
 * <p>The price: each stream left behind reads all entries up to the main reader, those of others among them.
 *
 * <p>Threading: one thread. No clock, no waiting: {@link #poll} does a bounded amount of work and says how much.
 *
 * @param <C> the log's cursor; it is handed to the streams, which look at the entry that it stands at
 */
public final class LogStreams<C extends LogCursor> implements AutoCloseable {

    private static final int READS_PER_TURN = 64;

    private final Supplier<C> cursors;
    private final Router<C> router;
    private final IdentityHashMap<LogStream<C>, Place> places = new IdentityHashMap<>();
    private final ArrayDeque<Turn> turns = new ArrayDeque<>();
    private final Main main;
    private int readsLeft;
    private int takesLeft;

    /**
     * Begins to read.
     *
     * @param cursors opens a cursor on the log
     * @param router says to which stream an entry belongs
     * @param from where the main reader begins
     * @param nBefore number of an entry before {@code from}, the nearer the better; 0 if none is known
     */
    public LogStreams(Supplier<C> cursors, Router<C> router, Position from, long nBefore) {
        this.cursors = cursors;
        this.router = router;
        this.main = new Main(cursors.get(), from, nBefore);
        turns.add(main);
    }

    /**
     * Adds a stream. It begins at the first of its entries at or after {@code from}: below the main reader it catches
     * up, above it waits for it.
     *
     * @param nBefore number of an entry before {@code from}, the nearer the better; 0 if none is known. Only what
     *     {@link #behind} says depends on it
     */
    public void add(LogStream<C> stream, Position from, long nBefore) {
        if (places.containsKey(stream)) {
            throw new IllegalArgumentException("added already: " + stream);
        }
        var place = new Place(stream);
        places.put(stream, place);
        put(place, from, nBefore);
    }

    /**
     * Moves a stream: next comes the first of its entries at or after {@code from}. It will be asked at once, whether it
     * took the last one or not.
     *
     * @param nBefore as for {@link #add}
     */
    public void moveTo(LogStream<C> stream, Position from, long nBefore) {
        var place = place(stream);
        leave(place);
        put(place, from, nBefore);
    }

    /** The stream can take entries again: it will be asked for the one that it did not take. Else without effect. */
    public void ready(LogStream<C> stream) {
        var place = place(stream);
        if (place.isBehind && !place.isReady) {
            place.isReady = true;
            turns.add(place);
        }
    }

    /** The stream gets nothing any more. */
    public void remove(LogStream<C> stream) {
        leave(place(stream));
        places.remove(stream);
    }

    /** All of the stream's entries before this were taken. */
    public Position position(LogStream<C> stream) {
        var place = place(stream);
        return place.isBehind ? place.at : later(place.skipBefore, main.at);
    }

    /** Number of an entry before {@link #position}, the last read as far as known: all of its entries up to it were taken. */
    public long nBefore(LogStream<C> stream) {
        var place = place(stream);
        return place.isBehind ? place.n : main.n;
    }

    /** Whether the stream has all of its entries that the main reader has passed. */
    public boolean isAttached(LogStream<C> stream) {
        return !place(stream).isBehind;
    }

    /** How many of its entries the stream has not taken of those that the main reader has passed; an upper bound. */
    public long behind(LogStream<C> stream) {
        var place = place(stream);
        if (!place.isBehind) {
            return 0;
        }
        return place.isCounted ? place.count : Math.max(0, main.n - place.n);
    }

    /** Everything before this was read by the main reader. */
    public Position mainPosition() {
        return main.at;
    }

    /** Number of the entry that the main reader read last; 0 if none yet. */
    public long mainN() {
        return main.n;
    }

    /** The streams, in no order. */
    public Collection<LogStream<C>> streams() {
        return List.copyOf(places.keySet());
    }

    /**
     * Reads and hands over, as much as there is and the bounds allow.
     *
     * @param maxReads about how many entries are looked at
     * @param maxTakes how many are taken by streams at most
     * @return entries looked at; 0 says that there is nothing to do before the log grows or a stream is {@link #ready}
     */
    public int poll(int maxReads, int maxTakes) {
        readsLeft = maxReads;
        takesLeft = maxTakes;
        for (int idle = 0; idle < turns.size() && readsLeft > 0 && takesLeft > 0; ) {
            var turn = turns.removeFirst();
            int before = readsLeft;
            boolean stays = turn.run(Math.min(READS_PER_TURN, readsLeft));
            if (stays) {
                turns.addLast(turn);
            }
            idle = before == readsLeft && stays ? idle + 1 : 0;
        }
        return maxReads - readsLeft;
    }

    /** Closes all readers. */
    @Override
    public void close() {
        for (var place : new ArrayList<>(places.values())) {
            leave(place);
        }
        places.clear();
        main.cursor.close();
    }

    private void put(Place place, Position from, long nBefore) {
        place.at = from;
        place.n = nBefore;
        if (from.compareTo(main.at) < 0) {
            place.isBehind = true;
            place.isReady = true;
            place.isCounted = false;
            turns.add(place);
        } else {
            place.isBehind = false;
            place.skipBefore = from;
        }
    }

    private void leave(Place place) {
        if (place.isReady) {
            turns.remove(place);
            place.isReady = false;
        }
        place.isBehind = false;
        place.closeCursor();
    }

    private Place place(LogStream<C> stream) {
        var place = places.get(stream);
        if (place == null) {
            throw new IllegalArgumentException("unknown: " + stream);
        }
        return place;
    }

    private static Position later(Position one, Position other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static Position at(LogCursor cursor) {
        return new Position(cursor.index(), cursor.ordinal());
    }

    private static Position after(LogCursor cursor) {
        return new Position(cursor.index(), cursor.ordinal() + 1L);
    }

    /** Says to which stream an entry belongs. */
    @FunctionalInterface
    public interface Router<C extends LogCursor> {

        /**
         * The stream that gets the entry at which the cursor stands, null if none does. Asked by the main reader only;
         * may call {@link LogStreams#add} for a stream that begins there.
         */
        @Nullable
        LogStream<C> streamOf(C entry);
    }

    /** Something that reads in turn with others. */
    private abstract static class Turn {

        /** Reads at most so many entries; false if it has no turn any more. */
        abstract boolean run(int maxReads);
    }

    private final class Main extends Turn {

        private final C cursor;
        private Position at;
        private long n;

        Main(C cursor, Position from, long nBefore) {
            this.cursor = cursor;
            this.at = from;
            this.n = nBefore;
            cursor.moveTo(from);
        }

        @Override
        boolean run(int maxReads) {
            for (int i = 0; i < maxReads && takesLeft > 0; i++) {
                if (!cursor.next()) {
                    return true;
                }
                readsLeft--;
                n = cursor.n();
                var stream = router.streamOf(cursor);
                if (stream != null) {
                    hand(place(stream));
                }
                at = after(cursor);
            }
            return true;
        }

        private void hand(Place place) {
            if (place.isBehind) {
                place.count++;
            } else if (at(cursor).compareTo(place.skipBefore) >= 0) {
                if (place.stream.take(cursor)) {
                    takesLeft--;
                } else {
                    place.leftBehind(cursor);
                }
            }
        }
    }

    /** Where a stream stands; while it is behind also its reader. */
    private final class Place extends Turn {

        private final LogStream<C> stream;
        private Position skipBefore = new Position(0, 0);
        private boolean isBehind;
        private boolean isReady;
        private Position at = new Position(0, 0);
        private @Nullable C cursor;
        private boolean isHolding; // the cursor stands at an entry that was not taken yet
        private boolean isCounted;
        private long count;
        private long n;

        Place(LogStream<C> stream) {
            this.stream = stream;
        }

        void leftBehind(C cursorOfMain) {
            isBehind = true;
            at = at(cursorOfMain);
            n = cursorOfMain.n() - 1;
            isCounted = true;
            count = 1;
        }

        @Override
        boolean run(int maxReads) {
            for (int i = 0; i < maxReads && takesLeft > 0; i++) {
                if (at.compareTo(main.at) >= 0) {
                    return attach();
                }
                var reader = reader();
                if (!isHolding) {
                    if (!reader.next() || at(reader).compareTo(main.at) >= 0) {
                        return attach();
                    }
                }
                readsLeft--;
                if (stream.wants(reader)) {
                    if (!stream.take(reader)) {
                        at = at(reader);
                        isHolding = true;
                        isReady = false;
                        return false;
                    }
                    takesLeft--;
                    count--;
                }
                isHolding = false;
                n = reader.n();
                at = after(reader);
            }
            return true;
        }

        private boolean attach() {
            isBehind = false;
            isReady = false;
            skipBefore = main.at;
            closeCursor();
            return false;
        }

        private C reader() {
            var reader = cursor;
            if (reader == null) {
                reader = cursors.get();
                reader.moveTo(at);
                cursor = reader;
            }
            return reader;
        }

        void closeCursor() {
            isHolding = false;
            var reader = cursor;
            if (reader != null) {
                cursor = null;
                reader.close();
            }
        }
    }
}
