package dev.syncline.runtime.internal.settings;

import dev.syncline.runtime.internal.envelope.LogText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The flat settings of one application, read. Keys are known or a fault; our own words and handler ids match without
 * dashes and case, so that an environment variable can name them.
 *
 * <p>For a handler's property later wins: built-in, {@code defaults.*}, annotation, builder, {@code handlers.<id>.*}.
 *
 * <p>Threading: the thread that builds.
 */
public final class Settings {

    /** Origin of what nobody said. */
    public static final String BUILT_IN = "built-in";

    /** Origin of what the handler's annotation says. */
    public static final String ANNOTATION = "annotation";

    private static final List<String> RUNTIME = List.of(
            "name",
            "start",
            "close-deadline",
            "payload.max-bytes",
            "contracts.directory",
            "outbox.directory",
            "outbox.durability",
            "outbox.retention",
            "outbox.retention-bytes",
            "outbox.max-bytes");
    private static final List<String> HANDLER = List.of(
            "concurrency",
            "batch",
            "retry",
            "retry-later",
            "give-up-after",
            "timeout",
            "breaker",
            "breaker-pause",
            "dead-letter-brake",
            "reject-on",
            "hold-on",
            "modes",
            "expired",
            "adopt",
            "max-uncommitted",
            "max-bytes",
            "state",
            "park-on");
    private static final Set<String> CODE = Set.of("idempotent", "target", "deletes", "transaction");
    private static final Pattern BROKER = Pattern.compile("brokers\\.([^.]+)\\.(uri|options\\.(.+))");
    private static final Pattern STATE = Pattern.compile("state\\.(uri|options\\.(.+))");
    private static final Pattern PARK_ON = Pattern.compile("park-?on\\.(uri|options\\.(.+))");
    private static final Pattern ROUTE = Pattern.compile("routes\\[(\\d{1,4})]\\.(types|broker|topic)");

    private final Map<String, Written> byLooseKey = new TreeMap<>();
    private final Map<String, BrokerSettings> brokers = new LinkedHashMap<>();
    private BrokerSettings state = new BrokerSettings(null, Map.of());
    private BrokerSettings parkOn = new BrokerSettings(null, Map.of());
    private final SortedMap<Integer, Map<String, String>> routes = new TreeMap<>();
    private final Consumer<String> faults;

    private Settings(Consumer<String> faults) {
        this.faults = faults;
    }

    /**
     * Reads a properties file in UTF-8, <code>${ENV}</code> and <code>${ENV:default}</code> resolved.
     *
     * @throws dev.syncline.api.ConfigurationException if it cannot be read, a key is there twice, or a variable is
     *     neither set nor has a default; all of these at once
     */
    public static Map<String, String> load(Path file) {
        return new SettingsFile(file, System::getenv).read();
    }

    /**
     * Reads the settings.
     *
     * @param flat keys and values as given
     * @param handlerIds all that are declared
     * @param faults takes each problem as it is found; later ones of values, too
     */
    public static Settings of(Map<String, String> flat, Collection<String> handlerIds, Consumer<String> faults) {
        var settings = new Settings(faults);
        new TreeMap<>(flat).forEach((key, value) -> settings.take(key, value, handlerIds));
        settings.checkRoutes();
        return settings;
    }

    private void take(String key, String value, Collection<String> handlerIds) {
        var broker = BROKER.matcher(key);
        if (broker.matches()) {
            var before = brokers.getOrDefault(broker.group(1), new BrokerSettings(null, Map.of()));
            brokers.put(
                    broker.group(1),
                    broker.group(3) == null ? before.withUri(value) : before.withOption(broker.group(3), value));
            return;
        }
        var store = STATE.matcher(key);
        if (store.matches()) {
            state = state.with(store.group(2), value);
            return;
        }
        var place = PARK_ON.matcher(key);
        if (place.matches()) {
            parkOn = parkOn.with(place.group(2), value);
            return;
        }
        var route = ROUTE.matcher(key);
        if (route.matches()) {
            routes.computeIfAbsent(Integer.valueOf(route.group(1)), n -> new TreeMap<>())
                    .put(route.group(2), value);
            return;
        }
        if (isKnown(key, handlerIds)) {
            var before = byLooseKey.put(loose(key), new Written(key, value));
            if (before != null) {
                faults.accept("settings \"" + before.key + "\" and \"" + key + "\" are the same one: keep one of them");
            }
        }
    }

    private boolean isKnown(String key, Collection<String> handlerIds) {
        var loose = loose(key);
        if (RUNTIME.stream().anyMatch(known -> loose(known).equals(loose))) {
            return true;
        }
        int lastDot = key.lastIndexOf('.');
        var group = lastDot < 0 ? "" : loose(key.substring(0, lastDot));
        var property = loose(key.substring(lastDot + 1));
        boolean isOfHandler = group.startsWith("handlers.") && group.indexOf('.', 9) < 0;
        if (isOfHandler) {
            var id = key.substring(key.indexOf('.') + 1, lastDot);
            if (handlerIds.stream().noneMatch(known -> loose(known).equals(loose(id)))) {
                faults.accept("setting \"" + LogText.of(key) + "\" is for handler \"" + LogText.of(id)
                        + "\", which is not declared" + Nearest.hint(id, handlerIds));
                return false;
            }
        }
        if (isOfHandler || group.equals("defaults")) {
            if (CODE.contains(property)) {
                faults.accept("setting \"" + LogText.of(key) + "\": " + key.substring(lastDot + 1)
                        + " says what the code does, so it is set in @SyncHandler and not by settings");
                return false;
            }
            if (HANDLER.stream().anyMatch(known -> loose(known).equals(property))
                    || (isOfHandler && property.equals("enabled"))) {
                return true;
            }
        }
        faults.accept("setting \"" + LogText.of(key) + "\" is not known" + Nearest.hint(key, allKeys(handlerIds)));
        return false;
    }

    private static Set<String> allKeys(Collection<String> handlerIds) {
        var keys = new LinkedHashSet<>(RUNTIME);
        for (var property : HANDLER) {
            keys.add("defaults." + property);
            handlerIds.forEach(id -> keys.add("handlers." + id + "." + property));
        }
        handlerIds.forEach(id -> keys.add("handlers." + id + ".enabled"));
        keys.addAll(List.of(
                "state.uri",
                "park-on.uri",
                "brokers.default.uri",
                "routes[0].types",
                "routes[0].broker",
                "routes[0].topic"));
        return keys;
    }

    private void checkRoutes() {
        int expected = 0;
        for (var route : routes.entrySet()) {
            if (route.getKey() != expected++) {
                faults.accept("setting \"routes[" + route.getKey() + "]\" leaves a gap: number routes from 0, since the"
                        + " first that fits wins");
            }
            if (!route.getValue().containsKey("types")) {
                faults.accept("setting \"routes[" + route.getKey() + "].types\" is missing: say which types it routes");
            }
        }
    }

    /** A setting of the runtime. */
    public <T> Resolved<T> runtime(String key, String builtIn, Function<String, T> parser) {
        var written = byLooseKey.get(loose(key));
        if (written != null) {
            var value = parse(written, parser);
            if (value != null) {
                return new Resolved<>(value, written.value, written.key);
            }
        }
        return new Resolved<>(parser.apply(builtIn), builtIn, BUILT_IN);
    }

    /** The text of a setting without a built-in value; null if it is not set. */
    public @Nullable String text(String key) {
        var written = byLooseKey.get(loose(key));
        return written == null ? null : written.value;
    }

    /**
     * A property of a handler.
     *
     * @param annotation what the annotation says; empty if it inherits
     * @param where the handler, for faults of the annotation
     */
    public <T> Resolved<T> handler(
            String id, String property, String builtIn, String annotation, String where, Function<String, T> parser) {
        var own = byLooseKey.get(loose("handlers." + id + "." + property));
        var ownValue = own == null ? null : parse(own, parser);
        if (own != null && ownValue != null) {
            return new Resolved<>(ownValue, own.value, own.key);
        }
        if (!annotation.isEmpty()) {
            try {
                return new Resolved<>(parser.apply(annotation), annotation, ANNOTATION);
            } catch (IllegalArgumentException malformed) {
                faults.accept(where + ": @SyncHandler " + property + " = \"" + LogText.of(annotation) + "\" "
                        + malformed.getMessage());
            }
        }
        var common = byLooseKey.get(loose("defaults." + property));
        var commonValue = common == null ? null : parse(common, parser);
        if (common != null && commonValue != null) {
            return new Resolved<>(commonValue, common.value, common.key);
        }
        return new Resolved<>(parser.apply(builtIn), builtIn, BUILT_IN);
    }

    /** What the settings say of brokers, by name. */
    public Map<String, BrokerSettings> brokers() {
        return brokers;
    }

    /** What the settings say of the store of shared state. */
    public BrokerSettings state() {
        return state;
    }

    /** What the settings say of where parked events are kept. */
    public BrokerSettings parkOn() {
        return parkOn;
    }

    /** Routes in their order. */
    public List<RouteSettings> routes() {
        var all = new ArrayList<RouteSettings>();
        routes.forEach((number, parts) -> {
            var types = parts.get("types");
            if (types != null) {
                all.add(new RouteSettings("routes[" + number + "]", types, parts.get("broker"), parts.get("topic")));
            }
        });
        return all;
    }

    private <T> @Nullable T parse(Written written, Function<String, T> parser) {
        try {
            return parser.apply(written.value);
        } catch (IllegalArgumentException malformed) {
            faults.accept("setting \"" + written.key + "\" = \"" + LogText.of(written.value) + "\" "
                    + malformed.getMessage());
            return null;
        }
    }

    private static String loose(String key) {
        return key.replace("-", "").toLowerCase(Locale.ROOT);
    }

    private record Written(String key, String value) {}

    /**
     * A broker, or a store beside them, by settings. Its text may hold secrets and is never shown.
     *
     * @param uri null if only options are set
     */
    public record BrokerSettings(@Nullable String uri, Map<String, String> options) {
        public BrokerSettings {
            options = Map.copyOf(options);
        }

        /** @param option null for the URI */
        BrokerSettings with(@Nullable String option, String value) {
            return option == null ? withUri(value) : withOption(option, value);
        }

        BrokerSettings withUri(String text) {
            return new BrokerSettings(text, options);
        }

        BrokerSettings withOption(String name, String value) {
            var more = new TreeMap<>(options);
            more.put(name, value);
            return new BrokerSettings(uri, more);
        }

        /** The names of the options only. */
        @Override
        public String toString() {
            return "BrokerSettings" + options.keySet();
        }
    }

    /**
     * A route by settings.
     *
     * @param key where it stands
     * @param broker null: the default one
     * @param topic null: by the rule
     */
    public record RouteSettings(
            String key,
            String types,
            @Nullable String broker,
            @Nullable String topic) {}
}
