package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.log.LogReader;

/** A reader to be disturbed by a test: hands everything to another. */
class ForwardingLogReader implements LogReader {

    private final LogReader to;

    ForwardingLogReader(LogReader to) {
        this.to = to;
    }

    @Override
    public Step next() {
        return to.next();
    }

    @Override
    public long index() {
        return to.index();
    }

    @Override
    public byte[] array() {
        return to.array();
    }

    @Override
    public int offset() {
        return to.offset();
    }

    @Override
    public int length() {
        return to.length();
    }

    @Override
    public String damage() {
        return to.damage();
    }

    @Override
    public void moveTo(long index) {
        to.moveTo(index);
    }

    @Override
    public void moveToEnd() {
        to.moveToEnd();
    }

    @Override
    public void close() {
        to.close();
    }
}
