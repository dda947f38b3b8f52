package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {

    @Test
    void withoutArgumentsItRunsTenThousandChangesOnLocal() {
        assertThat(Options.parse()).isEqualTo(new Options("local:", 10_000, 42, null, 0, false));
    }

    @Test
    void allArgumentsAreTaken() {
        assertThat(Options.parse(
                        "--broker",
                        "kafka://h:9092",
                        "--events",
                        "7",
                        "--seed",
                        "-3",
                        "--data",
                        "d",
                        "--rate",
                        "5",
                        "--help"))
                .isEqualTo(new Options("kafka://h:9092", 7, -3, Path.of("d"), 5, true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--brooker local:    | unknown option --brooker",
                "--events            | --events needs a value",
                "--events --seed 1   | --events needs a value",
                "--events 0          | --events needs a whole number, 1 or more, not 0",
                "--events many       | --events needs a whole number, 1 or more, not many",
                "--rate 2000000      | --rate needs a whole number, 1 or more, 1000000 or less, not 2000000",
                "--broker localhost  | --broker: broker URI has no scheme",
                "--broker kafka://h?x| --broker: parameter \"x\" of the kafka: URI has no value",
            })
    void aWrongArgumentIsNamed(String arguments, String message) {
        assertThatThrownBy(() -> Options.parse(arguments.split(" ")))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void theNameOfABrokerHidesItsPassword() {
        assertThat(Options.parse("--broker", "redis://:geheim@host:6379?a=b").brokerName())
                .isEqualTo("redis://host:6379");
    }
}
