package dev.syncline.runtime.internal.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.syncline.api.OutboxException;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.OwnedLog.LogEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** The frame of entries in logs elsewhere. */
class EntryFrameTest {

    private static final byte[] TEXT = "parked".getBytes(StandardCharsets.UTF_8);

    /** As the first release writes it. Never change the bytes: every later release has to read them. */
    private static final String GOLDEN = "01" + "d347d0ee" + "7061726b6564";

    private static LogEntry entry(long index, byte[] framed) {
        return new LogEntry(index, Bytes.wrap(framed));
    }

    private static byte[] framed() {
        return EntryFrame.of(7, TEXT, 0, TEXT.length).data().toByteArray();
    }

    @Test
    void s28_itIsWrittenAndReadAsByTheFirstRelease() {
        assertThat(HexFormat.of().formatHex(framed())).isEqualTo(GOLDEN);
        assertThat(EntryFrame.damage(entry(7, HexFormat.of().parseHex(GOLDEN)))).isEmpty();
    }

    @Test
    void s28_anEntryOfANewerReleaseIsRefused() {
        var newer = framed();
        newer[0] = 2;
        var crc = new CRC32C();
        crc.update(2);
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, 7));
        crc.update(TEXT);
        ByteBuffer.wrap(newer).putInt(1, (int) crc.getValue());

        assertThatExceptionOfType(OutboxException.class)
                .isThrownBy(() -> EntryFrame.damage(entry(7, newer)))
                .withMessageContaining("version 2")
                .withMessageContaining("newer release, go on with that one");
    }

    @Test
    void s4_anyFlippedBitOrMissingByteIsDamage() {
        for (int bit = 0; bit < framed().length * Byte.SIZE; bit++) {
            var flipped = framed();
            flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThat(EntryFrame.damage(entry(7, flipped))).as("bit %s", bit).isEqualTo("its sum does not fit");
        }
        for (int length = 0; length < framed().length; length++) {
            var cut = Arrays.copyOf(framed(), length);
            assertThat(EntryFrame.damage(entry(7, cut))).as("%s bytes", length).isNotEmpty();
        }
    }

    @Test
    void s4_anEntryAtAnothersPlaceIsDamage() {
        assertThat(EntryFrame.damage(entry(8, framed()))).isEqualTo("its sum does not fit");
    }
}
