package dev.syncline.runtime.internal.streams;

import dev.syncline.spi.Position;
import java.util.ArrayList;
import java.util.List;

/** A log of texts in memory, several to a document as the outbox has them, with gaps between the documents. */
final class FakeLog {

    private final List<Entry> entries = new ArrayList<>();
    private final List<Cursor> open = new ArrayList<>();
    private long reads;

    record Entry(Position position, String text) {}

    void append(long index, String... texts) {
        for (int ordinal = 0; ordinal < texts.length; ordinal++) {
            entries.add(new Entry(new Position(index, ordinal), texts[ordinal]));
        }
    }

    List<Entry> entries() {
        return entries;
    }

    Cursor cursor() {
        var cursor = new Cursor();
        open.add(cursor);
        return cursor;
    }

    int openCursors() {
        return open.size();
    }

    long reads() {
        return reads;
    }

    final class Cursor implements LogCursor {

        private int next;

        @Override
        public boolean next() {
            if (next == entries.size()) {
                return false;
            }
            next++;
            reads++;
            return true;
        }

        String text() {
            return current().text();
        }

        Position position() {
            return current().position();
        }

        private Entry current() {
            return entries.get(next - 1);
        }

        @Override
        public long index() {
            return current().position().major();
        }

        @Override
        public int ordinal() {
            return (int) current().position().minor();
        }

        @Override
        public long n() {
            return next;
        }

        @Override
        public void moveTo(Position from) {
            next = 0;
            while (next < entries.size() && entries.get(next).position().compareTo(from) < 0) {
                next++;
            }
        }

        @Override
        public void close() {
            if (!open.remove(this)) {
                throw new IllegalStateException("closed twice");
            }
        }
    }
}
