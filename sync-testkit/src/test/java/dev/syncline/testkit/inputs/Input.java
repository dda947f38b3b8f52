package dev.syncline.testkit.inputs;

import java.nio.file.Path;

/**
 * One row of the table.
 *
 * @param number of the bad input, 1 to 64; a number may have several rows
 * @param given what is put in
 * @param gets what must come of it, with the code by which it is told
 * @param check puts it in and looks
 */
record Input(int number, String given, String gets, Check check) {

    /** Puts something in and looks what comes of it. */
    @FunctionalInterface
    interface Check {

        /**
         * Fails if anything else comes of it.
         *
         * @param house an instance that all rows share
         * @param directory empty, of this row alone
         */
        void run(House house, Path directory) throws Exception;
    }

    /** A row whose check needs an instance of its own. */
    static Input own(int number, String given, String gets, Alone check) {
        return new Input(number, given, gets, (house, directory) -> check.run(directory));
    }

    /** A row that is shown elsewhere, where its server is. */
    static Input elsewhere(int number, String given, String gets, String... tests) {
        return new Input(
                number,
                given,
                gets + "; shown by `" + String.join("`, `", tests) + "`",
                (house, directory) -> Repository.requireTests(tests));
    }

    /** A row about something that is not there yet. */
    static Input later(int number, String given, String why) {
        return new Input(number, given, "does not apply yet: " + why, (house, directory) -> {});
    }

    /** As {@link Check}, without the shared instance. */
    @FunctionalInterface
    interface Alone {
        void run(Path directory) throws Exception;
    }

    /** The name of its test. */
    @Override
    public String toString() {
        return number + ": " + given;
    }
}
