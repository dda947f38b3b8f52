package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.Delivery;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.internal.settings.Limit;
import dev.syncline.runtime.internal.settings.Resolved;
import dev.syncline.runtime.internal.settings.Settings;
import dev.syncline.runtime.internal.settings.Values;
import dev.syncline.runtime.internal.wiring.Declarations.StateDeclaration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Resolves how a handler is run, and remembers where each value came from. */
final class Policies {

    private static final int MAX_CONCURRENCY = 256; // the shards, of which a lane owns one at least
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(10);

    private final Settings settings;
    private final Faults faults;

    Policies(Settings settings, Faults faults) {
        this.settings = settings;
        this.faults = faults;
    }

    boolean isEnabled(Handler handler) {
        return settings.handler(handler.id(), "enabled", "true", "", handler.where(), Values::flag)
                .value();
    }

    /** The policy of a handler; {@code lines} takes a line per value for the report. */
    HandlerPolicy of(Handler handler, List<String> lines) {
        var values = new Of(handler, lines);
        var said = handler.declared();
        int concurrency = values.of(
                "concurrency",
                Integer.toString(Runtime.getRuntime().availableProcessors()),
                said == null ? 0 : said.concurrency(),
                text -> Values.count(text, 1, MAX_CONCURRENCY));
        int batch = values.of("batch", "100", said == null ? 0 : said.batch(), text -> Values.count(text, 1, 100_000));
        var retry = values.of("retry", "100ms 200ms 400ms", said == null ? "" : said.retry(), Policies::pauses);
        var retryLater =
                values.of("retry-later", "1s 5s 30s 5m 15m", said == null ? "" : said.retryLater(), Policies::pauses);
        var giveUpAfter = values.of("give-up-after", "24h", said == null ? "" : said.giveUpAfter(), Values::duration);
        var timeout = values.of("timeout", "5m", said == null ? "" : said.timeout(), Policies::timeout);
        var brakes = brakes(values);
        var reactions = new ReactionRules(settings, faults).of(handler);
        lines.addAll(reactions.lines());
        var modes = values.of(
                "modes",
                words(EnumSet.allOf(Delivery.Mode.class)),
                said == null ? "" : words(Arrays.asList(said.modes())),
                text -> Values.constants(text, Delivery.Mode.class));
        var adopt = values.of("adopt", "none", "", Policies::stores);
        int maxUncommitted = values.of("max-uncommitted", "10000", 0, text -> Values.count(text, 1, 10_000_000));
        long maxBytes = values.of("max-bytes", "64MiB", "", text -> atLeast(64 * 1024, Values.bytes(text)));
        return new HandlerPolicy(
                said == null ? "" : said.target(),
                concurrency,
                batch,
                said != null && said.idempotent(),
                retry,
                retryLater,
                giveUpAfter,
                timeout,
                brakes,
                reactions,
                modes,
                said != null && said.deletes() == SyncHandler.Deletes.IGNORE,
                adopt,
                maxUncommitted,
                maxBytes);
    }

    private static Brakes brakes(Of values) {
        return new Brakes(
                values.of("breaker", "5 keys 50% 30s", "", text -> Limit.parse(text, 2)),
                values.of("breaker-pause", "30s", "", Policies::pause),
                values.of("dead-letter-brake", "20 keys 5% 1m", "", text -> Limit.parse(text, 1)));
    }

    /**
     * Whether the handler's state is shared: as said, else if there is a store for it.
     *
     * @param lines takes a line for the report
     */
    boolean isShared(Handler handler, @Nullable StateDeclaration store, List<String> lines) {
        var place = new Of(handler, lines)
                .of("state", store == null ? "embedded" : "shared", "", text -> Values.constant(text, Place.class));
        if (place == Place.SHARED && store == null) {
            faults.add(handler.where() + ": its state is to be shared, and there is no store for it: call"
                    + " state(\"redis://…\"), or set state.uri");
        }
        return place == Place.SHARED;
    }

    /**
     * Whether the handler's parked events are kept elsewhere: as said, else if there is a place for them.
     *
     * @param lines takes a line for the report
     */
    boolean parksElsewhere(Handler handler, @Nullable StateDeclaration place, List<String> lines) {
        var parkOn = new Of(handler, lines)
                .of("park-on", place == null ? "disk" : "broker", "", text -> Values.constant(text, ParkOn.class));
        if (parkOn == ParkOn.BROKER && place == null) {
            faults.add(
                    handler.where() + ": its parked events are to be kept by a broker, and none is named for them: call"
                            + " parkOn(\"kafka://…\"), or set park-on.uri");
        }
        return parkOn == ParkOn.BROKER && place != null;
    }

    /**
     * Whether events are dropped that are past the time that they give themselves.
     *
     * @param lines takes a line for the report
     */
    boolean dropsExpired(Handler handler, List<String> lines) {
        return new Of(handler, lines).of("expired", "deliver", "", text -> Values.constant(text, Expired.class))
                == Expired.DROP;
    }

    private enum Expired {
        DELIVER,
        DROP
    }

    private enum ParkOn {
        DISK,
        BROKER
    }

    private enum Place {
        EMBEDDED,
        SHARED
    }

    /** What an annotation can say and this version cannot do, or what contradicts itself. */
    void check(Handler handler) {
        var said = handler.declared();
        if (said == null) {
            return;
        }
        if (!said.transaction().isEmpty()) {
            faults.add(handler.where() + ": @SyncHandler transaction = \"" + said.transaction()
                    + "\": transactions are not available yet; remove it and let the handler commit by itself");
        }
    }

    private static List<Duration> pauses(String text) {
        var pauses = Values.pauses(text);
        if (pauses.stream().anyMatch(pause -> pause.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException("must have no pause longer than 24h");
        }
        return pauses;
    }

    private static Duration timeout(String text) {
        if (text.strip().equals("none")) {
            return Duration.ZERO;
        }
        var timeout = Values.duration(text);
        if (timeout.compareTo(SHORTEST_TIMEOUT) < 0 || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("must be from 10ms to 24h, or none");
        }
        return timeout;
    }

    private static Duration pause(String text) {
        var pause = Values.duration(text);
        if (pause.toMillis() < 100 || pause.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("must be from 100ms to 24h");
        }
        return pause;
    }

    private static Set<String> stores(String text) {
        return text.strip().equals("none") ? Set.of() : Set.of(text.strip().split("[\\s,]+"));
    }

    static long atLeast(long least, long bytes) {
        if (bytes < least) {
            throw new IllegalArgumentException("must be at least " + Values.textOfBytes(least));
        }
        return bytes;
    }

    private static String words(Iterable<? extends Enum<?>> constants) {
        var words = new ArrayList<String>();
        constants.forEach(constant -> words.add(constant.name().toLowerCase(Locale.ROOT)));
        return words.stream().collect(Collectors.joining(" "));
    }

    /** Resolves the values of one handler. */
    private final class Of {
        private final Handler handler;
        private final List<String> lines;

        Of(Handler handler, List<String> lines) {
            this.handler = handler;
            this.lines = lines;
        }

        <T> T of(String property, String builtIn, int annotation, Function<String, T> parser) {
            return of(property, builtIn, annotation == 0 ? "" : Integer.toString(annotation), parser);
        }

        <T> T of(String property, String builtIn, String annotation, Function<String, T> parser) {
            Resolved<T> resolved =
                    settings.handler(handler.id(), property, builtIn, annotation, handler.where(), parser);
            lines.add(property + " = " + resolved.text() + " (" + resolved.origin() + ")");
            return resolved.value();
        }
    }
}
