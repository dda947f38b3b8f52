package dev.syncline.runtime.internal.park;

import java.nio.ByteBuffer;

/** Text as its code units, two bytes each: unlike the JDK's charsets it keeps half a surrogate pair as it is. */
final class Utf16 {

    private Utf16() {}

    static byte[] bytes(String text) {
        var bytes = new byte[text.length() * Character.BYTES];
        ByteBuffer.wrap(bytes).asCharBuffer().put(text);
        return bytes;
    }

    static String text(byte[] bytes) {
        return ByteBuffer.wrap(bytes).asCharBuffer().toString();
    }
}
