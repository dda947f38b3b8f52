package dev.syncline.runtime.internal.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Murmur2Test {

    /** The vectors that Kafka's own client is tested with. */
    @ParameterizedTest
    @CsvSource({
        "21, -973932308",
        "foobar, -790332482",
        "a-little-bit-long-string, -985981536",
        "a-little-bit-longer-string, -1486304829",
        "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8, -58897971",
        "abc, 479470107"
    })
    void hashesAsKafkaDoes(String text, int expected) {
        byte[] bytes = ("??" + text + "?").getBytes(StandardCharsets.UTF_8);

        assertThat(Murmur2.hash(bytes, 2, bytes.length - 3)).isEqualTo(expected);
        assertThat(Murmur2.hashAscii(text)).isEqualTo(expected);
    }
}
