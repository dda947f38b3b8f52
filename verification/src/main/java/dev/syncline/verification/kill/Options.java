package dev.syncline.verification.kill;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Set;

/**
 * What the command was asked for.
 *
 * @param broker {@code local}, {@code kafka} or {@code redis}
 * @param members how many instances of the application there are
 * @param kills how often the application is killed, or its group disturbed
 * @param seed of times, points and faults
 * @param rate how many events a single instance publishes in a second
 * @param hasFaults whether the broker is killed, frozen and cut off, too, and the store that members share
 * @param directory where data and journals lie; deleted if all was well
 */
record Options(String broker, int members, int kills, long seed, int rate, boolean hasFaults, Path directory) {

    private static final Set<String> NAMES =
            Set.of("--broker", "--members", "--kills", "--seed", "--rate", "--faults", "--directory");

    static final String HELP = """
            Kills an application again and again, and says what it lost, repeated and reordered.

              --broker local|kafka|redis   default local
              --members N                  default 1; of several, which share their state, some are also stopped until others
                                           have taken over, leave and join
              --kills N                    default 30; of several members: how often they are killed, stopped or leave
              --seed N                     default 1; the same seed kills at the same times and points
              --rate N                     events that a single instance publishes in a second; default 1200
              --faults yes|no              kills, freezes and cuts off the broker, too, and the store that members share;
                                           default no
              --directory D                data and journals; default a new temporary one
            """;

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException if it is wrong; the message says where
     */
    static Options parse(String... arguments) {
        var given = new HashMap<String, String>();
        for (int i = 0; i < arguments.length; i += 2) {
            if (!NAMES.contains(arguments[i]) || i + 1 == arguments.length) {
                throw new IllegalArgumentException("no option, or no value: " + arguments[i]);
            }
            given.put(arguments[i], arguments[i + 1]);
        }
        var options = new Options(
                given.getOrDefault("--broker", "local"),
                Integer.parseInt(given.getOrDefault("--members", "1")),
                Integer.parseInt(given.getOrDefault("--kills", "30")),
                Long.parseLong(given.getOrDefault("--seed", "1")),
                Integer.parseInt(given.getOrDefault("--rate", Integer.toString(CountedApplication.EVENTS_PER_SECOND))),
                given.getOrDefault("--faults", "no").equals("yes"),
                Path.of(given.getOrDefault("--directory", "")));
        if (options.hasFaults && options.broker.equals("local")) {
            throw new IllegalArgumentException(
                    "local: is in the application: there is no other process to be treated badly");
        }
        if (options.rate < 1 || (options.members > 1 && options.rate != CountedApplication.EVENTS_PER_SECOND)) {
            throw new IllegalArgumentException("--rate is at least 1, and of a single instance");
        }
        if (options.members > 1 && options.broker.equals("local")) {
            throw new IllegalArgumentException("several members need a broker that they share");
        }
        return options;
    }

    /** The arguments that do the same again. */
    String again() {
        return "--broker " + broker + (members > 1 ? " --members " + members : "") + " --kills " + kills + " --seed "
                + seed + (rate == CountedApplication.EVENTS_PER_SECOND ? "" : " --rate " + rate)
                + (hasFaults ? " --faults yes" : "");
    }
}
