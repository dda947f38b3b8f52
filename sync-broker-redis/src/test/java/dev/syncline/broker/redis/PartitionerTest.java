package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Message;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionerTest {

    /** From the tests of Kafka's own clients. */
    @ParameterizedTest
    @CsvSource({
        "21, -973932308",
        "foobar, -790332482",
        "a-little-bit-long-string, -985981536",
        "a-little-bit-longer-string, -1486304829",
        "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8, -58897971",
        "abc, 479470107"
    })
    void hashesAsKafkaDoes(String text, int hash) {
        assertThat(Partitioner.murmur2(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(hash);
    }

    @Test
    void keyDecidesAndNothingElse() {
        var one = message("sku-42", "1");
        var other = message("sku-42", "2");

        assertThat(Partitioner.partition(one, 7)).isEqualTo(Partitioner.partition(other, 7));
    }

    @Test
    void keyIsHashedAsUtf8() {
        var key = "caf\u00e9";

        assertThat(Partitioner.partition(message(key, "1"), 1000))
                .isEqualTo((Partitioner.murmur2(key.getBytes(StandardCharsets.UTF_8)) & 0x7fffffff) % 1000);
    }

    @Test
    void repeatOfAMessageWithoutKeyGoesWhereItWent() {
        assertThat(Partitioner.partition(message("", "7f3c"), 1000))
                .isEqualTo(Partitioner.partition(message("", "7f3c"), 1000));
    }

    @Test
    void messagesWithoutKeySpread() {
        var used = IntStream.range(0, 100)
                .map(id -> Partitioner.partition(message("", "id-" + id), 8))
                .boxed()
                .collect(Collectors.toSet());

        assertThat(used).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
    }

    private static Message message(String key, String id) {
        return new Message("things", key, Map.of("source", "test", "id", id), Map.of(), null);
    }
}
