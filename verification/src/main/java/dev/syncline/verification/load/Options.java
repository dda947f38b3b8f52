package dev.syncline.verification.load;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** A program's options, given as {@code name=value}; each has a default, and other names are refused. */
public final class Options {

    private final Map<String, String> values;

    private Options(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException if an option is unknown; the message lists those that there are
     */
    public static Options of(String[] arguments, Map<String, String> defaults) {
        var values = new TreeMap<>(defaults);
        for (var argument : arguments) {
            int equals = argument.indexOf('=');
            var name = equals < 0 ? argument : argument.substring(0, equals);
            if (equals < 0 || !defaults.containsKey(name)) {
                throw new IllegalArgumentException(
                        "\"" + argument + "\" is no option; name=value, of " + new TreeMap<>(defaults));
            }
            values.put(name, argument.substring(equals + 1));
        }
        return new Options(values);
    }

    /** The value. */
    public String text(String name) {
        var value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("there is no option \"" + name + "\"");
        }
        return value;
    }

    /** The value as a number. */
    public int number(String name) {
        return Integer.parseInt(text(name));
    }

    /** A duration as settings have them: {@code 500ms}, {@code 30s}, {@code 10m}. */
    public Duration duration(String name) {
        var text = text(name);
        if (text.endsWith("ms")) {
            return Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)));
        }
        long amount = Long.parseLong(text.substring(0, text.length() - 1));
        return text.endsWith("m") ? Duration.ofMinutes(amount) : Duration.ofSeconds(amount);
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
