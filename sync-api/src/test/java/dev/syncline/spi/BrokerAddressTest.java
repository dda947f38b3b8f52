package dev.syncline.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.Secret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerAddressTest {

    @Test
    void takesAUriApartAndNeverPrintsThePassword() {
        var address = BrokerAddress.parse("Redis://app:p%40ss%2F@one:6379,two:6380/3?lease.time=5s&x=a%20b");

        assertThat(address.scheme()).isEqualTo("redis");
        assertThat(address.user()).isEqualTo("app");
        assertThat(address.password()).isEqualTo(Secret.of("p@ss/"));
        assertThat(address.hosts()).isEqualTo("one:6379,two:6380");
        assertThat(address.path()).isEqualTo("3");
        assertThat(address.parameters()).containsEntry("lease.time", "5s").containsEntry("x", "a b");
        assertThat(address).hasToString("redis://one:6379,two:6380/3");
    }

    @Test
    void aPasswordMayStandWithoutUserAndAnAddressWithoutHost() {
        assertThat(BrokerAddress.parse("redis://:secret@host").user()).isNull();
        assertThat(BrokerAddress.parse("redis://:secret@host").password()).isEqualTo(Secret.of("secret"));
        assertThat(BrokerAddress.parse("local:")).hasToString("local:");
        assertThat(BrokerAddress.parse("local:?partitions=4").parameters()).containsEntry("partitions", "4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "://x", "9:x", "redis://h?a", "redis://h?a=1&a=2", "redis://h?a=%zz"})
    void whatIsNoAddressIsRefusedWithoutRepeatingIt(String uri) {
        assertThatThrownBy(() -> BrokerAddress.parse(uri)).isInstanceOf(ConfigurationException.class);
    }

    @Test
    void theTextOfABrokenUriIsNotInTheMessage() {
        assertThatThrownBy(() -> BrokerAddress.parse("//user:hunter2@host"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageNotContaining("hunter2");
    }
}
