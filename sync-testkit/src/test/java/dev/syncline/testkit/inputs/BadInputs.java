package dev.syncline.testkit.inputs;

import java.util.List;
import java.util.stream.Stream;

/**
 * The table: every bad input by its number, 1 to 64, in their order. A number may have several rows; one that does not
 * apply yet has a row that says so. {@code docs/bad-inputs.md} is this table on paper.
 */
final class BadInputs {

    private BadInputs() {}

    static List<Input> all() {
        return Stream.of(
                        EnvelopeInputs.ROWS,
                        PayloadInputs.TYPES,
                        SchemaInputs.ROWS,
                        PayloadInputs.SIZES,
                        KeyInputs.ROWS,
                        OtherInputs.WEBHOOK,
                        KeyInputs.ONCE,
                        HandlerInputs.ROWS,
                        OtherInputs.SOURCES,
                        OtherInputs.BROKERS,
                        DiskInputs.OUTBOX,
                        OtherInputs.SETTINGS,
                        OtherInputs.LOGS,
                        List.of(DiskInputs.FULL),
                        OtherInputs.CLOCKS)
                .flatMap(List::stream)
                .toList();
    }
}
