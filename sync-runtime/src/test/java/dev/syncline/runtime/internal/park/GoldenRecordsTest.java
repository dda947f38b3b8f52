package dev.syncline.runtime.internal.park;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Delivery;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect;
import dev.syncline.spi.Message;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Records as the first release wrote them. Never change the bytes here: every later release has to read them (S28). */
class GoldenRecordsTest {

    private static final String LETTER =
            "010100000000000000010000000000000002ffffffffffffffffba5b6795d57d21f5ae602378955c56373e045eaf63000000"
                    + "0000000004d2000000006b025ab0075bcd150000000300000000000000070000000000000008000000000000000500000006"
                    + "0274026b042f7302690a612e622e630274026b0408747970650a612e622e630c736f75726365042f73046964026916737065"
                    + "6376657273696f6e06312e30010268027603c3bc010263026401026e01ff";

    private static final String STATE =
            "0102000000000000000100000000000000020000000100000000ba5b6795d57d21f5ae602378955c56376301000000010000"
                    + "0002000000000000000300000000000000040000000000000005000000000000000608636f64650c64657461696c";

    private static final String CLOSE =
            "0103000000000000000100000000000000020200000000000000090677686f06776879020000000100000000000000010000"
                    + "0001";

    private final ParkRig rig = new ParkRig();

    private void append(String record) {
        var bytes = HexFormat.of().parseHex(record);
        rig.disk.append(bytes, 0, bytes.length);
    }

    @Test
    void s28_letterAndStateOfTheFirstReleaseAreRead() {
        append(LETTER);
        append(STATE);
        rig.kill();

        var received = new Received(
                new TopicPartition("t", 3),
                new Position(7, 8),
                new Message(
                        "t",
                        "k",
                        Map.of("specversion", "1.0", "source", "/s", "id", "i", "type", "a.b.c"),
                        Map.of("h", "v"),
                        Bytes.utf8("ü")),
                Instant.ofEpochSecond(5, 6),
                new Defect("c", "d", List.of(new Defect.RawHeader("n", Bytes.wrap(new byte[] {-1})))));
        var event = Events.READER.read(received);
        var key = rig.store.find(event);
        assertThat(rig.store.readHead(key))
                .isEqualTo(new ParkedEvent(
                        key.head(),
                        received,
                        "k",
                        "/s",
                        "i",
                        "a.b.c",
                        Delivery.Mode.LIVE,
                        Events.SEEN,
                        Instant.ofEpochMilli(1_234)));
        assertThat(key.state()).isEqualTo(new HeadState(1, 2, "code", "detail", 3, 4, 5, 6, true));
        assertThat(rig.store.contains(event))
                .as("its identity is made the same way")
                .isTrue();
    }

    @Test
    void s28_closeOfTheFirstReleaseIsRead() {
        append(LETTER);
        append(STATE);
        append(CLOSE);
        rig.kill();

        assertThat(rig.store.stats().letters()).isZero();
    }
}
