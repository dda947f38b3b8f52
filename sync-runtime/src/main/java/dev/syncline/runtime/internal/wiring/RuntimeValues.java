package dev.syncline.runtime.internal.wiring;

import dev.syncline.runtime.Durability;
import dev.syncline.runtime.internal.settings.Settings;
import dev.syncline.runtime.internal.settings.Values;
import dev.syncline.spi.Subscription;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the runtime, resolved.
 *
 * @param contracts directory with schemas; null: the class path only
 * @param lines for the report
 */
record RuntimeValues(RuntimeSettings settings, @Nullable Path contracts, List<String> lines) {

    static RuntimeValues of(Declarations declared, Settings settings, Faults faults) {
        var name = settings.text("name");
        if (name != null && !name.equals(declared.name())) {
            faults.add("setting \"name\" = \"" + name + "\" differs from the name that the builder got, \""
                    + declared.name() + "\": remove one");
        }
        var lines = new ArrayList<String>();
        var read = new Reading(settings, lines);
        var directory = path(settings, "outbox.directory", lines, faults);
        var runtime = new RuntimeSettings(
                directory,
                read.of("outbox.durability", "process", text -> Values.constant(text, Durability.class)),
                read.of("outbox.retention", "24h", Values::duration),
                read.of("outbox.retention-bytes", "10GiB", Values::bytes),
                read.of("outbox.max-bytes", "10GiB", text -> Policies.atLeast(1 << 20, Values.bytes(text))),
                read.of("payload.max-bytes", "1MiB", RuntimeValues::payloadLimit),
                read.of("start", "earliest", text -> Values.constant(text, Subscription.Start.class)),
                read.of("close-deadline", "30s", Values::duration));
        return new RuntimeValues(runtime, path(settings, "contracts.directory", lines, faults), lines);
    }

    private static int payloadLimit(String text) {
        long bytes = Values.bytes(text);
        if (bytes < 1024 || bytes > 256L << 20) {
            throw new IllegalArgumentException("must be from 1KiB to 256MiB");
        }
        return (int) bytes;
    }

    private static @Nullable Path path(Settings settings, String key, List<String> lines, Faults faults) {
        var text = settings.text(key);
        if (text == null) {
            return null;
        }
        lines.add(key + " = " + text + " (" + key + ")");
        try {
            return Path.of(text);
        } catch (InvalidPathException malformed) {
            faults.add("setting \"" + key + "\" is not a path: " + malformed.getReason());
            return null;
        }
    }

    private record Reading(Settings settings, List<String> lines) {
        <T> T of(String key, String builtIn, Function<String, T> parser) {
            var resolved = settings.runtime(key, builtIn, parser);
            lines.add(key + " = " + resolved.text() + " (" + resolved.origin() + ")");
            return resolved.value();
        }
    }
}
