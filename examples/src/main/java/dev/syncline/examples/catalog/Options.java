package dev.syncline.examples.catalog;

import dev.syncline.api.ConfigurationException;
import dev.syncline.spi.BrokerAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command line.
 *
 * @param broker URI
 * @param events number of changes
 * @param data null for a temporary directory
 * @param rate changes per second at most; 0 for no limit
 * @param help whether to explain and do nothing
 */
record Options(
        String broker, long events, long seed, @Nullable Path data, int rate, boolean help) {

    static final String HELP = """
            Keeps a shop in step with a product catalogue: changes the catalogue, publishes each change, applies it to the
            shop, and compares both row by row.

            usage: catalog-sync [options]

              --broker URI   kafka://host:9092, redis://host:6379 or local: (default: local:, nothing to install).
                             On Kafka and Redis each data directory gets a topic of its own, which stays there.
              --events N     how many changes (default: 10000)
              --seed N       which changes; the same seed gives the same run (default: 42)
              --data DIR     where both databases and the outbox live (default: a temporary directory, removed at the
                             end). Kill the program and start it again with the same DIR: it goes on.
              --rate N       changes per second at most (default: no limit), to have the time to kill something
              --help         this text

            The last line is   in sync: 10000 events, 0 missing, 0 extra, 0 stale
            exit code: 0 if the last three figures are 0, 1 if not or if it got stuck, 2 if the options are wrong
            """;

    /**
     * Reads the arguments.
     *
     * @throws UsageException naming the argument
     */
    static Options parse(String... arguments) {
        var left = new ArrayDeque<>(List.of(arguments));
        var broker = "local:";
        long events = 10_000;
        long seed = 42;
        Path data = null;
        int rate = 0;
        boolean help = false;
        while (!left.isEmpty()) {
            var option = left.remove();
            switch (option) {
                case "--broker" -> broker = broker(value(option, left.poll()));
                case "--events" -> events = number(option, value(option, left.poll()), 1, Long.MAX_VALUE);
                case "--seed" -> seed = number(option, value(option, left.poll()), Long.MIN_VALUE, Long.MAX_VALUE);
                case "--data" -> data = path(option, value(option, left.poll()));
                case "--rate" -> rate = (int) number(option, value(option, left.poll()), 1, 1_000_000);
                case "--help", "-h" -> help = true;
                default -> throw new UsageException("unknown option " + option);
            }
        }
        return new Options(broker, events, seed, data, rate, help);
    }

    /** The broker without user, password and parameters. */
    String brokerName() {
        return BrokerAddress.parse(broker).toString();
    }

    private static String value(String option, @Nullable String value) {
        if (value == null || value.startsWith("--")) {
            throw new UsageException(option + " needs a value");
        }
        return value;
    }

    private static String broker(String uri) {
        try {
            BrokerAddress.parse(uri);
            return uri;
        } catch (ConfigurationException malformed) {
            throw new UsageException("--broker: " + malformed.getMessage());
        }
    }

    private static long number(String option, String text, long least, long most) {
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException malformed) {
            // Said below, as for numbers out of range.
        }
        throw new UsageException(option + " needs a whole number"
                + (least == Long.MIN_VALUE ? "" : ", " + least + " or more")
                + (most == Long.MAX_VALUE ? "" : ", " + most + " or less") + ", not " + text);
    }

    private static Path path(String option, String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException malformed) {
            throw new UsageException(option + " needs a directory, not " + text);
        }
    }
}
