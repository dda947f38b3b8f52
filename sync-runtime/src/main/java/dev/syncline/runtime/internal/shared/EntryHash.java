package dev.syncline.runtime.internal.shared;

import dev.syncline.spi.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * Names entries and compares contents: the first half of SHA-256 over parts, each with its length, so that no two lists
 * of parts give the same bytes. What is hashed stays in the store for years: the rule never changes.
 */
final class EntryHash {

    private static final int KEY_BYTES = 16;

    private final MessageDigest sha;

    private EntryHash() {
        try {
            this.sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible); // every JDK has it
        }
    }

    static EntryHash of(String... texts) {
        return new EntryHash().and(texts);
    }

    EntryHash and(String... texts) {
        for (var text : texts) {
            and(Bytes.utf8(text));
        }
        return this;
    }

    EntryHash and(@Nullable Bytes bytes) {
        int length = bytes == null ? -1 : bytes.length();
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(length).flip());
        if (bytes != null) {
            sha.update(bytes.array(), bytes.offset(), bytes.length());
        }
        return this;
    }

    /** 16 bytes. */
    Bytes key() {
        return Bytes.wrap(sha.digest(), 0, KEY_BYTES);
    }

    /** 16 hexadecimal digits, for what is compared within a few. */
    String digits() {
        return String.format("%016x", ByteBuffer.wrap(sha.digest()).getLong());
    }

    static Bytes ascii(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
