package dev.syncline.runtime.internal.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Secret;
import dev.syncline.spi.BrokerAddress;
import dev.syncline.spi.BrokerContext;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LocalOptionsTest {

    @Test
    void withoutOptionsEveryTopicExistsWithEightPartitions() {
        var options = LocalOptions.of(context("local:", Map.of()));

        assertThat(options.partitionsOf("whatever")).isEqualTo(8);
    }

    @Test
    void aTopicMayHaveItsOwnNumber() {
        var options =
                LocalOptions.of(context("local:", Map.of("topics.partitions", "4", "topics.partitions.a.b", "1")));

        assertThat(options.partitionsOf("a.b")).isEqualTo(1);
        assertThat(options.partitionsOf("a.c")).isEqualTo(4);
    }

    @Test
    void topicsMayHaveToBeNamed() {
        var options =
                LocalOptions.of(context("local:", Map.of("topics.create", "false", "topics.partitions.a.b", "2")));

        assertThat(options.partitionsOf("a.b")).isEqualTo(2);
        assertThat(options.partitionsOf("a.c")).isZero();
    }

    @Test
    void input61_allThatIsWrongIsToldAtOnceAndNoSecret() {
        var wrong = Map.<String, Object>of(
                "partition",
                Secret.of("canary-7"),
                "topics.partitions",
                "0",
                "topics.partitions.x",
                "257",
                "topics.create",
                "maybe");

        assertThatThrownBy(() -> LocalOptions.of(context("local://host/path", wrong)))
                .isInstanceOfSatisfying(ConfigurationException.class, thrown -> {
                    assertThat(thrown.problems()).hasSize(5).allMatch(line -> line.contains("\"default\""));
                    assertThat(thrown).message().doesNotContain("canary");
                });
    }

    private static BrokerContext context(String uri, Map<String, Object> options) {
        return new BrokerContext("shop", "default", BrokerAddress.parse(uri), options, InstantSource.system());
    }
}
