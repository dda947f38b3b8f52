package dev.syncline.runtime.internal.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;

/**
 * Words of a mapped file, little-endian, at multiples of eight bytes. A word is stored whole or not at all; stores reach
 * the mapping in the order of the calls, because what the kernel has when the process is killed is what the stores before
 * that moment left.
 *
 * <p>Threading: one thread at a time.
 */
class Region {

    private static final VarHandle WORDS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final MappedByteBuffer buffer;

    Region(MappedByteBuffer buffer) {
        this.buffer = buffer;
        buffer.order(ByteOrder.LITTLE_ENDIAN);
    }

    final long get(int at) {
        return buffer.getLong(at);
    }

    /** Stores a word; not before any word that was stored earlier. */
    void set(int at, long word) {
        WORDS.setRelease((ByteBuffer) buffer, at, word);
    }

    final int bytes() {
        return buffer.capacity();
    }

    /** Makes all of it survive a power failure. */
    void force() {
        buffer.force();
    }
}
