package dev.syncline.runtime.internal.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyedHashTest {

    private final KeyedHash hash = new KeyedHash();

    /** From vectors.h of the reference implementation: key 00…0f, input 00, 01, … of so many bytes. */
    @ParameterizedTest
    @CsvSource({
        "0, a3817f04ba25a8e66df67214c7550293",
        "1, da87c1d86b99af44347659119b22fc45",
        "7, a1f1ebbed8dbc153c0b84aa61ff08239",
        "8, 3b62a9ba6258f5610f83e264f31497b4",
        "9, 264499060ad9baabc47f8b02bb6d71ed",
        "15, 5493e99933b0a8117e08ec0f97cfc3d9",
        "16, 6ee2a4ca67b054bbfd3315bf85230577",
        "31, 2939b0183223fafc1723de4f52c43d35",
        "63, 5150d1772f50834a503e069a973fbd7c"
    })
    void givesTheVectorsOfTheReference(int length, String expected) {
        var input = new byte[length + 3];
        for (int i = 0; i < length; i++) {
            input[i + 2] = (byte) i;
        }

        hash.of(0x0706050403020100L, 0x0f0e0d0c0b0a0908L, Bytes.wrap(input, 2, length));

        assertThat(hex()).isEqualTo(expected);
    }

    @Test
    void tellsApartWhateverIsPut() {
        Map<String, String> seen = new HashMap<>();
        for (var texts : List.of(
                List.of("a", "bc"),
                List.of("ab", "c"),
                List.of("abc"),
                List.of("abc", ""),
                List.of("", "abc"),
                List.of("\u00e9"),
                List.of("e\u0301"),
                List.of("\ud800"),
                List.of("?"),
                List.of("\u0161"), // low byte that of an ASCII letter
                List.of("a\u0000"),
                List.of("k".repeat(10_000)),
                List.of("k".repeat(10_001)))) {
            hash.begin();
            texts.forEach(hash::put);
            hash.end(1, 2);
            assertThat(seen.put(hex(), texts.toString())).isNull();
        }
        hash.begin().put(7).end(1, 2);
        assertThat(seen.put(hex(), "7")).isNull();
        hash.begin().put(7).end(2, 1);
        assertThat(seen.put(hex(), "7 under another key")).isNull();
    }

    private String hex() {
        var bytes = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(hash.high())
                .putLong(hash.low());
        return HexFormat.of().formatHex(bytes.array());
    }
}
