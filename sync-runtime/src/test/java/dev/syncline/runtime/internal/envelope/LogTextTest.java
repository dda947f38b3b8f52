package dev.syncline.runtime.internal.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogTextTest {

    @Test
    void harmlessTextStaysTheSameObject() {
        var text = "Euro € Straße ключ 鍵";

        assertThat(LogText.of(text)).isSameAs(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n", "\u001b[31m", "\u202e", "\u2028", "\u0000", "\u0085", "\u200b", "\ufeff", "\ud800"})
    void input62_whatCouldForgeALineIsEscaped(String hostile) {
        var shown = LogText.of("a" + hostile + "b");

        assertThat(shown).startsWith("a\\u").endsWith("b");
        assertThat(shown.chars()).allMatch(c -> c >= 0x20 && c < 0x7f);
    }

    @Test
    void input62_lookupsStayTextAndLongTextIsCut() {
        assertThat(LogText.of("${jndi:ldap://x}")).isEqualTo("${jndi:ldap://x}");
        assertThat(LogText.of("x".repeat(256))).hasSize(256);
        assertThat(LogText.of("x".repeat(100_000))).isEqualTo("x".repeat(256) + "…");
        assertThat(LogText.of("\n".repeat(100_000))).hasSizeLessThan(2000).endsWith("…");
    }
}
