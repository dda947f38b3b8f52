package dev.syncline.runtime.internal.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Message;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShardsTest {

    /** Shards are on disk: these values never change. */
    @ParameterizedTest
    @CsvSource({"A-1, 202", "sku-42, 112", "größe, 104", "鍵, 45"})
    void shardOfAKeyIsFrozen(String key, int shard) {
        assertThat(Shards.ofKey(key)).isEqualTo(shard);
    }

    @Test
    void shardOfAKeylessEventIsFrozen() {
        assertThat(Shards.ofKeyless("shop", "7f3c")).isEqualTo(129);
    }

    @Test
    void textAndBytesOfAKeyGiveTheSameShard() {
        for (var key : new String[] {"", "a", "ab", "abc", "abcd", "zoë", "\uD83D\uDE00", "a\u0000b"}) {
            byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
            assertThat(Shards.ofKey(key)).isEqualTo(Shards.ofHash(Murmur2.hash(bytes, 0, bytes.length)));
        }
    }

    @Test
    void messageWithoutKeyGoesBySourceAndId() {
        var message = new Message("t", "", Map.of("source", "shop", "id", "7f3c"), Map.of(), null);

        assertThat(Shards.of(message)).isEqualTo(Shards.ofKeyless("shop", "7f3c"));
    }

    /** A consumer of one Kafka partition must still be able to use all its lanes. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8, 12, 16, 48})
    void keysOfOneKafkaPartitionSpreadOverAllLanes(int partitions) {
        var lanes = new int[4];
        IntStream.range(0, 40_000).mapToObj(i -> "key-" + i).forEach(key -> {
            if ((Murmur2.hashAscii(key) & 0x7fffffff) % partitions == 0) {
                lanes[Shards.ofKey(key) % lanes.length]++;
            }
        });

        assertThat(IntStream.of(lanes).boxed()).allMatch(count -> count * 4 > 30_000 / partitions);
    }
}
