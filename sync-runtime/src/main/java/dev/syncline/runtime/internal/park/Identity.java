package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.spi.Position;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/**
 * By what an event that comes again is known (S11): 128 bits of the SHA-256 of topic, key, source and id; of topic, key
 * and place if the envelope is not well, for then two that are not the same may bear one id. Beside it a sum of the
 * data: two events of one id with other data are not merged, so that neither is lost before somebody has looked.
 */
record Identity(long high, long low, int digest) {

    static Identity of(Envelope event) {
        var received = event.received();
        var data = received.message().data();
        var sum = new CRC32C();
        if (data != null) {
            sum.update(data.array(), data.offset(), data.length());
        }
        return of(
                received.partition().topic(),
                event.key(),
                event.source(),
                event.problem() == null ? event.id() : "",
                received.partition().partition(),
                received.position(),
                (int) sum.getValue());
    }

    private static Identity of(
            String topic, String key, String source, String id, int partition, Position position, int digest) {
        var sha = sha256();
        add(sha, topic);
        add(sha, key);
        if (id.isEmpty()) {
            sha.update(ByteBuffer.allocate(20)
                    .putInt(partition)
                    .putLong(position.major())
                    .putLong(position.minor())
                    .flip());
        } else {
            add(sha, source);
            add(sha, id);
        }
        var hash = ByteBuffer.wrap(sha.digest());
        return new Identity(hash.getLong(), hash.getLong(), digest);
    }

    /** With its length, so that no two lists of texts give the same bytes. */
    private static void add(MessageDigest sha, String text) {
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(text.length()).flip());
        sha.update(Utf16.bytes(text));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible); // every JDK has it
        }
    }
}
