package dev.syncline.runtime.internal.publish;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The id of an event that a handler published: the same for every attempt at the same event, so that receivers know a
 * repeated result. The first 128 bits of SHA-256 over the parts, each preceded by its length.
 */
final class DerivedId {

    private static final int BYTES = 16;

    private DerivedId() {}

    static String of(String source, String id, String handler, String type, String key, int ordinal) {
        var digest = sha256();
        for (var part : new String[] {source, id, handler, type, key, Integer.toString(ordinal)}) {
            var bytes = part.getBytes(StandardCharsets.UTF_8);
            digest.update(new byte[] {
                (byte) (bytes.length >>> 24),
                (byte) (bytes.length >>> 16),
                (byte) (bytes.length >>> 8),
                (byte) bytes.length
            });
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), BYTES));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java platform has SHA-256", impossible);
        }
    }
}
