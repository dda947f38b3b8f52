package dev.syncline.runtime.internal.wiring;

import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.settings.Resolved;
import dev.syncline.runtime.internal.settings.Settings;
import dev.syncline.runtime.internal.wiring.Reactions.Reaction;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads which exceptions of a handler are rejected and which say that its target is away. */
final class ReactionRules {

    private final Settings settings;
    private final Faults faults;

    ReactionRules(Settings settings, Faults faults) {
        this.settings = settings;
        this.faults = faults;
    }

    /** The table of a handler. */
    Reactions of(Handler handler) {
        var said = handler.declared();
        var reject = resolve(handler, "reject-on", said == null ? null : said.rejectOn());
        var hold = resolve(handler, "hold-on", said == null ? null : said.holdOn());
        var both = new LinkedHashSet<>(reject.value());
        both.retainAll(hold.value());
        int byReject = rank(reject.origin());
        int byHold = rank(hold.origin());
        if (byReject == byHold) {
            both.forEach(type -> faults.add(handler.where() + ": " + Names.of(type) + " is in "
                    + (byReject == rank(Settings.ANNOTATION)
                            ? "rejectOn and in holdOn of @SyncHandler"
                            : "\"" + reject.origin() + "\" and in \"" + hold.origin() + "\"")
                    + "; it can be only one"));
        }
        // what was said nearer to the running instance comes last and stays
        return byReject < byHold
                ? Reactions.BUILT_IN
                        .with(reject.value(), Reaction.REJECT, reject.origin())
                        .with(hold.value(), Reaction.HOLD, hold.origin())
                : Reactions.BUILT_IN
                        .with(hold.value(), Reaction.HOLD, hold.origin())
                        .with(reject.value(), Reaction.REJECT, reject.origin());
    }

    private Resolved<Set<Class<? extends Throwable>>> resolve(
            Handler handler, String property, Class<? extends Throwable> @Nullable [] said) {
        var declared = Stream.of(said == null ? new Class<?>[0] : said)
                .collect(Collectors.toMap(Class::getName, Function.identity(), (one, same) -> one));
        return settings.handler(
                handler.id(),
                property,
                "none",
                String.join(" ", declared.keySet()),
                handler.where(),
                text -> types(text, declared, handler));
    }

    private static int rank(String origin) {
        if (origin.equals(Settings.BUILT_IN)) {
            return 0;
        }
        if (origin.equals(Settings.ANNOTATION)) {
            return 2;
        }
        return origin.toLowerCase(Locale.ROOT).startsWith("defaults") ? 1 : 3;
    }

    private static Set<Class<? extends Throwable>> types(String text, Map<String, Class<?>> declared, Handler handler) {
        var types = new LinkedHashSet<Class<? extends Throwable>>();
        if (text.strip().equals("none")) {
            return types;
        }
        for (var name : text.strip().split("[\\s,]+", -1)) {
            var type = declared.containsKey(name) ? declared.get(name) : load(name, handler);
            if (type == null) {
                throw new IllegalArgumentException("names " + LogText.of(name)
                        + ", which is not on the class path: write exceptions in full, such as"
                        + " java.net.ConnectException, or none");
            }
            if (!Throwable.class.isAssignableFrom(type)) {
                throw new IllegalArgumentException("names " + LogText.of(name) + ", which is no exception");
            }
            types.add(type.asSubclass(Throwable.class));
        }
        return types;
    }

    /** By the loaders that know the application; nested classes also with dots. Nothing of the class is run. */
    private static @Nullable Class<?> load(String name, Handler handler) {
        var loaders = new LinkedHashSet<@Nullable ClassLoader>();
        for (var method : handler.methods()) {
            if (method.subject().type() instanceof Class<?> payload && payload.getClassLoader() != null) {
                loaders.add(payload.getClassLoader());
            }
        }
        loaders.add(Thread.currentThread().getContextClassLoader());
        loaders.add(ReactionRules.class.getClassLoader());
        for (var binary = name; ; ) {
            for (var loader : loaders) {
                try {
                    return Class.forName(binary, false, loader);
                } catch (ClassNotFoundException | LinkageError next) {
                    // another loader may know it, or it is nested
                }
            }
            int dot = binary.lastIndexOf('.');
            if (dot < 0) {
                return null;
            }
            binary = binary.substring(0, dot) + '$' + binary.substring(dot + 1);
        }
    }
}
