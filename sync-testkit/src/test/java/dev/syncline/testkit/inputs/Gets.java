package dev.syncline.testkit.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.syncline.api.ContractException;
import dev.syncline.api.Event;
import dev.syncline.api.EventPublisher;
import dev.syncline.runtime.DeadLetter;
import java.util.function.Consumer;
import java.util.function.Function;

/** The ways in which a row may end, each put in and looked at in the same way for every row. */
final class Gets {

    private Gets() {}

    /** It is handled as any other. */
    static Input handled(int number, String given, Function<Given, Foreign> record) {
        return handled(number, given, "handled", record, event -> {});
    }

    /** It is handled, and is then what {@code gets} says. */
    static Input handled(
            int number, String given, String gets, Function<Given, Foreign> record, Consumer<Event<?>> check) {
        return new Input(number, given, gets, (house, directory) -> {
            var names = house.given(number);
            house.store(record.apply(names));
            house.assertOthersGoOn(number);
            check.accept(house.awaitHandled(names.id()));
        });
    }

    /** It is settled, without a handler and without a dead letter. */
    static Input passed(int number, String given, String gets, Function<Given, Foreign> record) {
        return new Input(number, given, gets, (house, directory) -> {
            var names = house.given(number);
            var position = house.store(record.apply(names));
            house.assertOthersGoOn(number);
            house.awaitSettled(position);
            assertThat(house.handled(names.id())).isEmpty();
            assertThat(house.letter(position)).isEmpty();
        });
    }

    /**
     * It is a dead letter, its key waits in order, others go on; and once it is given up, what is behind it is handled.
     */
    static Input deadLetter(int number, String given, String code, Function<Given, Foreign> record) {
        return deadLetter(number, given, code, "", record, letter -> {});
    }

    /** As above, and says more than its code. */
    static Input deadLetter(
            int number,
            String given,
            String code,
            String more,
            Function<Given, Foreign> record,
            Consumer<DeadLetter> check) {
        return new Input(number, given, "dead letter `" + code + "`" + more + "; its key waits", (house, directory) -> {
            var names = house.given(number);
            var bad = record.apply(names);
            var position = house.store(bad);
            var behind = house.given(number);
            house.store(behind.product().key(bad.key()).without("ce_partitionkey"));
            house.assertOthersGoOn(number);

            var letter = house.awaitLetter(position, 1);
            assertThat(letter.code()).isEqualTo(code);
            check.accept(letter);
            assertThat(house.handled(names.id())).isEmpty();
            assertThat(house.handled(behind.id())).as("behind it").isEmpty();
            house.skip(letter);
            house.awaitHandled(behind.id());
        });
    }

    /** It is its key that is not well: all events of it are dead letters, in order, until they are given up. */
    static Input badKey(int number, String given, String code, Function<Given, Foreign> record) {
        return new Input(number, given, "dead letter `" + code + "`; its key waits", (house, directory) -> {
            var bad = record.apply(house.given(number));
            var position = house.store(bad);
            house.store(bad);
            house.assertOthersGoOn(number);

            var letter = house.awaitLetter(position, 1);
            assertThat(letter.code()).isEqualTo(code);
            house.drop(letter);
        });
    }

    /** No key can be read of it: its bytes are kept as they came, and its partition goes on. */
    static Input quarantine(int number, String given, String code, Function<Given, Foreign> record) {
        return new Input(number, given, "quarantine `" + code + "`; its partition goes on", (house, directory) -> {
            var bad = record.apply(house.given(number));
            var position = house.store(bad);
            house.assertOthersGoOn(number);

            var letter = house.awaitLetter(position, 0);
            assertThat(letter.code()).isEqualTo(code);
            assertThat(letter.key()).isEmpty();
            house.assertStaysBad(letter);
            var data = bad.data();
            if (data != null) {
                house.assertKeptOnDisk(data);
            }
            house.skip(letter);
        });
    }

    /** Publishing it throws, with that code, and nothing is stored. */
    static Input refused(int number, String given, String code, Publishing publishing) {
        return new Input(number, given, "refused at publish `" + code + "`; nothing is stored", (house, directory) -> {
            long before = house.sync().health().outbox().lastSequence();
            assertThatExceptionOfType(ContractException.class)
                    .isThrownBy(() -> publishing.publish(house.sync().publisher(), house.given(number)))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(code))
                    .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain(LogWatch.CANARY));
            assertThat(house.sync().health().outbox().lastSequence()).isEqualTo(before);
            house.assertOthersGoOn(number);
        });
    }

    /** Publishes something that is not well. */
    @FunctionalInterface
    interface Publishing {
        void publish(EventPublisher publisher, Given names);
    }
}
