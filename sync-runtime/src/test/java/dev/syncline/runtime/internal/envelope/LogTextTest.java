package dev.syncline.runtime.internal.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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
    void input62_aFailureIsPrintedWithItsFramesAndHarmlessMessages() {
        var failure = new IllegalStateException("\u001b[31m\r\nforged", new RuntimeException("\u202e cause"));

        var out = new StringWriter();
        Objects.requireNonNull(LogText.printable(failure)).printStackTrace(new PrintWriter(out, true));

        assertThat(out.toString().lines().toList())
                .startsWith("java.lang.IllegalStateException: \\u001b[31m\\u000d\\u000aforged")
                .anyMatch(line -> line.startsWith("\tat " + LogTextTest.class.getName()))
                .anyMatch(line -> line.equals("Caused by: java.lang.RuntimeException: \\u202e cause"))
                .noneMatch(line -> line.startsWith("forged"));
        assertThat(LogText.printable(null)).isNull();
    }

    @Test
    void input62_aFailureWhoseOwnMethodsFailOrDoNotEndIsPrintedToo() {
        var hostile = new Hostile();

        assertThat(LogText.describe(hostile)).isEqualTo(Hostile.class.getName());
        assertThat(LogText.printable(hostile)).hasToString(Hostile.class.getName());
        assertThat(length(LogText.printable(new Endless()))).isLessThan(20);
    }

    private static final class Hostile extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        @SuppressWarnings("OverrideThrowableToString") // it is hostile
        public String toString() {
            throw new IllegalStateException("no");
        }

        @Override
        public synchronized Throwable getCause() {
            throw new StackOverflowError();
        }
    }

    private static final class Endless extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable getCause() {
            return new Endless();
        }
    }

    private static int length(@Nullable Throwable chain) {
        int length = 0;
        for (var one = chain; one != null; one = one.getCause()) {
            length++;
        }
        return length;
    }

    @Test
    void input62_lookupsStayTextAndLongTextIsCut() {
        assertThat(LogText.of("${jndi:ldap://x}")).isEqualTo("${jndi:ldap://x}");
        assertThat(LogText.of("x".repeat(256))).hasSize(256);
        assertThat(LogText.of("x".repeat(100_000))).isEqualTo("x".repeat(256) + "…");
        assertThat(LogText.of("\n".repeat(100_000))).hasSizeLessThan(2000).endsWith("…");
    }
}
