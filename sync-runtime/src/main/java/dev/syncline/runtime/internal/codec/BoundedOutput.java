package dev.syncline.runtime.internal.codec;

import dev.syncline.api.ContractException;
import dev.syncline.spi.Bytes;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Collects encoded bytes up to a limit. The generator has a recycled buffer of its own and hands over small payloads in
 * one piece, which are then copied once into an array of their size.
 */
final class BoundedOutput extends OutputStream {

    private final int maxBytes;
    private byte[] array = {};
    private int length;

    BoundedOutput(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int count) {
        int needed = length + count;
        if (needed > maxBytes) {
            throw new ContractException(
                    "payload.too.large",
                    "the payload takes more than " + maxBytes
                            + " bytes as JSON; put it where receivers can fetch it and publish a reference (dataref),"
                            + " or raise the setting payload.max-bytes as far as the broker allows");
        }
        if (needed > array.length) {
            array = Arrays.copyOf(array, length == 0 ? needed : Math.min(maxBytes, Math.max(needed, array.length * 2)));
        }
        System.arraycopy(from, offset, array, length, count);
        length = needed;
    }

    Bytes bytes() {
        return Bytes.wrap(array, 0, length);
    }
}
