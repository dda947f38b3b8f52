package dev.syncline.testkit.simulation;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.spi.Position;
import dev.syncline.spi.Received;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.internal.Journal;
import dev.syncline.testkit.internal.Life;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Knows what was published, sees what handlers are given and what is acknowledged, and says which promise that breaks.
 * It judges by the promises only, not by how the runtime keeps them.
 */
final class Oracle implements Journal.Listener {

    /** How a publish ended. */
    enum Accepted {
        /** It returned. */
        YES,
        /** It was cut short, or a power failure came: it may or may not be there. */
        UNKNOWN
    }

    /** An event that was published, or may have been. */
    static final class Published {
        final String id;
        final String type;
        final String key;
        final int number;
        final Kind kind;
        final long version;
        Accepted accepted;

        /** Its place among those of its key. */
        int index;

        Published(String id, String type, String key, int number, Kind kind, long version, Accepted accepted) {
            this.id = id;
            this.type = type;
            this.key = key;
            this.number = number;
            this.kind = kind;
            this.version = version;
            this.accepted = accepted;
        }

        @Override
        public String toString() {
            return id + " " + type + " key=" + key + " version=" + version;
        }
    }

    /** What one handler has done to one key. */
    private static final class Target {
        int newest = -1;
        long version = Long.MIN_VALUE;
        boolean isDeleted;
        boolean isUnsure;
        boolean isDropping;

        /** The newest version was not marked when the process died: what was skipped before it may be asked for first. */
        boolean mayStepBack;

        final Set<Integer> applied = new HashSet<>();
        final Set<Integer> passed = new HashSet<>();

        /** Handled with results when the process died or the disk failed: they may be put down, and the mark with them. */
        final Set<Integer> perhaps = new HashSet<>();

        /** Acknowledged when they were stale: what a power failure takes from the guard later does not bring them back. */
        final Set<Integer> dropped = new HashSet<>();

        @Nullable
        String running;
    }

    /** The handler that answers changes that count with events of its own. */
    private static final String MAKER = "one";

    private final Map<String, Published> published = new LinkedHashMap<>();
    private final Map<String, List<Published>> byKey = new LinkedHashMap<>();
    private final Map<String, Map<String, Target>> targets = new LinkedHashMap<>();
    private final Map<String, String> echoes = new LinkedHashMap<>();
    private final Map<String, Set<String>> echoesHandled = new HashMap<>();
    private final Set<String> echoesGivenUp = new HashSet<>();

    /** By handler and key: of so many first events of the key the echoes may have been dropped. */
    private final Map<String, Integer> echoesDropped = new HashMap<>();

    private final Map<String, Long> checkedTo = new HashMap<>();
    private final Map<String, List<Unmarked>> unmarked = new LinkedHashMap<>();
    private final Set<String> mayRepeat = new HashSet<>();
    private final BiFunction<TopicPartition, Position, @Nullable Received> messages;
    private final Parked parked;
    private final int lanes;
    private @Nullable String violation;
    private long applications;
    private long repeats;

    /** Whether an event is on the disk of a handler's application, parked, and would survive a power failure. */
    interface Parked {
        boolean isSafe(String handler, String id, String type);
    }

    private record Unmarked(int lane, String what, Target target) {}

    Oracle(
            Iterable<String> handlers,
            BiFunction<TopicPartition, Position, @Nullable Received> messages,
            Parked parked,
            int lanes) {
        handlers.forEach(handler -> {
            targets.put(handler, new LinkedHashMap<>());
            unmarked.put(handler, new ArrayList<>());
            echoesHandled.put(handler, new HashSet<>());
        });
        this.messages = messages;
        this.parked = parked;
        this.lanes = lanes;
    }

    @Nullable
    String violation() {
        return violation;
    }

    long applications() {
        return applications;
    }

    long repeats() {
        return repeats;
    }

    int published() {
        return published.size();
    }

    private void violated(String promise, String what) {
        if (violation == null) {
            violation = promise + ": " + what;
        }
    }

    /** It was refused for certain: whoever gets it gets a phantom. */
    void onRefused(Published event) {
        published.remove(event.id);
        var ofKey = byKey.getOrDefault(event.key, List.of());
        ofKey.remove(ofKey.size() - 1);
    }

    // --- what happens

    void onPublished(Published event) {
        published.put(event.id, event);
        var ofKey = byKey.computeIfAbsent(event.key, key -> new ArrayList<>());
        event.index = ofKey.size();
        ofKey.add(event);
        for (var ofHandler : targets.values()) {
            var target = ofHandler.get(event.key);
            if (target != null && target.isDropping) {
                giveUp(target, event);
            }
        }
    }

    /**
     * What was published may be gone with the power, and what was put down of what was applied: each event that was applied
     * may be applied once more.
     */
    void onPowerLoss(boolean isDisk, Iterable<String> handlers) {
        for (var event : published.values()) {
            if (!isDisk) {
                event.accepted = Accepted.UNKNOWN;
            }
        }
        for (var handler : handlers) {
            targets.getOrDefault(handler, Map.of()).forEach((key, target) -> {
                noteStale(target, byKey.getOrDefault(key, List.of()));
                target.isUnsure = true;
                target.applied.forEach(index -> mayRepeat.add(handler + " " + key + " " + index));
            });
            echoesHandled.getOrDefault(handler, Set.of()).forEach(id -> mayRepeat.add(handler + " echo " + id));
        }
        if (!isDisk) {
            echoes.clear(); // those made before may be made again
        }
    }

    /** What is stale may have been dropped, and is known by its number, whatever the power takes from the guard. */
    private static void noteStale(Target target, List<Published> ofKey) {
        if (!target.isUnsure) {
            ofKey.stream()
                    .filter(one -> one.kind != Kind.DELTA && isStale(target, one))
                    .forEach(one -> target.dropped.add(one.index));
        }
    }

    /** A process died: what it had applied and not put down may be applied once more; one per lane and recoverer. */
    void onDeath(Iterable<String> handlers) {
        for (var handler : handlers) {
            var open = unmarked.getOrDefault(handler, List.of());
            open.forEach(one -> {
                mayRepeat.add(handler + " " + one.what);
                one.target.mayStepBack = true;
            });
            open.clear();
            notePerhaps(handler);
            forgetRunning(handler);
        }
    }

    /** A process ended in good order: what its handlers still do is not heard any more. */
    void onClosed(Iterable<String> handlers) {
        handlers.forEach(this::forgetRunning);
    }

    private void notePerhaps(String handler) {
        targets.getOrDefault(handler, Map.of()).values().forEach(target -> notePerhaps(handler, target));
    }

    private void notePerhaps(String handler, Target target) {
        var one = target.running == null ? null : published.get(target.running);
        if (one != null && one.kind == Kind.DELTA && handler.equals(MAKER)) {
            target.perhaps.add(one.index);
        }
    }

    private void forgetRunning(String handler) {
        targets.getOrDefault(handler, Map.of()).values().forEach(target -> {
            target.running = null;
            target.isDropping = false;
        });
        byKey.keySet()
                .forEach(key -> echoesDropped.computeIfPresent(
                        handler + " " + key, (any, dropped) -> Math.min(dropped, publishedOf(key))));
    }

    /** A lane has had a turn: what ended before is put down. */
    void onTurnEnd(String task) {
        for (var entry : unmarked.entrySet()) {
            if (!entry.getValue().isEmpty() && task.contains("-" + entry.getKey() + "-lane-")) {
                int lane = Integer.parseInt(task.substring(task.lastIndexOf('-') + 1));
                entry.getValue().removeIf(one -> one.lane == lane);
            }
        }
    }

    @Override
    public void onBegin(Life life, String handler, Envelope event, int attempt) {
        var target = target(handler, event);
        if (target.running != null) {
            violated("S8", handler + " is given " + event + " while " + target.running + " runs");
        }
        target.running = event.id();
        if (isEcho(event)) {
            var cause = event.message().attribute("causationid");
            if (!published.containsKey(cause)) {
                violated("S3", handler + " is given " + event + ", made of " + cause + " that nobody published");
            }
            var before = echoes.putIfAbsent(cause, event.id());
            if (before != null && !before.equals(event.id())) {
                violated("S6", "two events were made of " + cause + ": " + before + " and " + event.id());
            }
        } else if (!published.containsKey(event.id())) {
            violated("S3", handler + " is given " + event + " that nobody published");
        }
    }

    @Override
    public void onEnd(Life life, String handler, Envelope event, Verdict verdict) {
        var target = target(handler, event);
        if (verdict instanceof Verdict.Failed failed && failed.code().equals("outbox")) {
            notePerhaps(handler, target); // what a failing disk was given may be there all the same, after a restart
        }
        target.running = null;
        if (verdict instanceof Verdict.Skipped) {
            onGivenUp(handler, event.id()); // by the handler itself
        }
        if (!(verdict instanceof Verdict.Done)) {
            return;
        }
        applications++;
        if (isEcho(event)) {
            appliedEcho(handler, event);
            return;
        }
        var one = published.get(event.id());
        if (one != null) {
            applied(handler, target, one, event);
        }
    }

    private void appliedEcho(String handler, Envelope event) {
        noteUnmarked(handler, event, "echo " + event.id(), target(handler, event));
        if (!echoesHandled.computeIfAbsent(handler, h -> new HashSet<>()).add(event.id())
                && !mayRepeat.remove(handler + " echo " + event.id())) {
            violated("S6", handler + " applies " + event + " twice");
        }
    }

    private void applied(String handler, Target target, Published one, Envelope event) {
        int index = one.index;
        noteUnmarked(handler, event, one.key + " " + index, target);
        boolean isFirst = target.applied.add(index);
        if (!isFirst) {
            repeats++;
            if (!mayRepeat.remove(handler + " " + one.key + " " + index)) {
                violated("S6", handler + " applies " + one + " twice");
            }
        }
        if (one.kind != Kind.DELTA && isStale(target, one) && !target.isUnsure && !target.mayStepBack) {
            violated(
                    "guard",
                    handler + " applies " + one + " after version " + target.version
                            + (target.isDeleted ? ", which deleted it" : ""));
        }
        if (isFirst && !target.passed.contains(index)) {
            if (index < target.newest) {
                violated("S7", handler + " applies " + one + " after " + at(one.key, target.newest));
            }
            passUpTo(handler, target, one, index);
        }
        boolean isNews = !isStale(target, one);
        if (one.kind != Kind.DELTA && (isNews || target.isUnsure || target.mayStepBack)) {
            target.mayStepBack &= !isNews;
            target.version = one.version;
            target.isDeleted = one.kind == Kind.DELETE;
            target.isUnsure = false;
        }
    }

    private void passUpTo(String handler, Target target, Published one, int index) {
        for (int before = target.newest + 1; before < index; before++) {
            var earlier = at(one.key, before);
            if (!target.applied.contains(before)) {
                if (earlier.accepted == Accepted.YES
                        && !target.perhaps.contains(before)
                        && !target.dropped.contains(before)
                        && !mayBeStale(target, earlier)) {
                    violated("S7", handler + " applies " + one + " before " + earlier);
                }
                target.passed.add(before);
            }
        }
        target.newest = Math.max(target.newest, index);
    }

    private void noteUnmarked(String handler, Envelope event, String what, Target target) {
        unmarked.computeIfAbsent(handler, h -> new ArrayList<>())
                .add(new Unmarked(event.shard() % lanes, what, target));
    }

    private static boolean isStale(Target target, Published one) {
        return one.version < target.version
                || (one.version == target.version && target.isDeleted && one.kind == Kind.STATE);
    }

    private static boolean mayBeStale(Target target, Published one) {
        return one.kind != Kind.DELTA && (isStale(target, one) || target.isUnsure);
    }

    // --- what is acknowledged

    void onAcknowledge(String group, TopicPartition partition, Position position) {
        var handler = group.substring(group.indexOf('.') + 1);
        var name = group + " " + partition;
        long from = checkedTo.getOrDefault(name, -1L) + 1;
        for (long offset = from; offset <= position.major(); offset++) {
            var message = messages.apply(partition, Position.of(offset));
            if (message != null && !isSettled(handler, message)) {
                violated(
                        "S9, S11",
                        group + " acknowledges " + partition + "@" + position + ", but " + message.message()
                                + " with number "
                                + message.message().attribute("outboxseq") + " at "
                                + offset + " is neither applied nor parked");
            }
        }
        checkedTo.merge(name, position.major(), Math::max);
    }

    private boolean isSettled(String handler, Received received) {
        var message = received.message();
        var id = message.attribute("id");
        var type = message.attribute("type");
        if (type.equals("sim.echo.made")) {
            return echoesHandled.getOrDefault(handler, Set.of()).contains(id)
                    || isEchoGivenUp(handler, id, published.get(message.attribute("causationid")))
                    || parked.isSafe(handler, id, type);
        }
        var one = published.get(id);
        if (one == null) {
            return true; // told elsewhere
        }
        var target = target(handler, one.key);
        if (target.applied.contains(one.index) || target.perhaps.contains(one.index)) {
            return true;
        }
        if (parked.isSafe(handler, id, type)) {
            return true;
        }
        if (mayBeStale(target, one)) {
            target.dropped.add(one.index);
        }
        return target.dropped.contains(one.index);
    }

    // --- what is given up

    /** One event may have been given up, or is about to be. */
    void onGivenUp(String handler, String id) {
        var one = published.get(id);
        if (one != null) {
            giveUp(target(handler, one.key), one);
        } else {
            echoesGivenUp.add(handler + " " + id);
        }
    }

    /** A person has what is parked of a key dropped: what comes until that is done may be dropped with it. */
    void onDrop(String handler, String id, String key) {
        var one = published.get(id);
        if (one == null) {
            echoesDropped.put(handler + " " + key, Integer.MAX_VALUE);
        } else {
            var target = target(handler, one.key);
            target.isDropping = true;
            byKey.getOrDefault(one.key, List.of()).forEach(other -> giveUp(target, other));
        }
    }

    /** It is dropped, or not, and nothing more will be. */
    void onDropped(String handler, String id, String key) {
        var one = published.get(id);
        if (one == null) {
            echoesDropped.put(handler + " " + key, publishedOf(key));
        } else {
            target(handler, one.key).isDropping = false;
        }
    }

    private int publishedOf(String key) {
        return byKey.getOrDefault(key, List.of()).size();
    }

    /** Also without ever being begun: it waited behind what was dropped. */
    private boolean isEchoGivenUp(String handler, @Nullable String id, @Nullable Published cause) {
        return echoesGivenUp.contains(handler + " " + id)
                || (cause != null && cause.index < echoesDropped.getOrDefault(handler + " " + cause.key, 0));
    }

    /** It need not be applied; if it comes again, it may be, whatever its place. */
    private static void giveUp(Target target, Published one) {
        target.dropped.add(one.index);
        target.passed.add(one.index);
    }

    // --- the end

    /** After all is healed and quiet: whether anything is missing. */
    void checkComplete() {
        targets.forEach((handler, ofHandler) -> published.values().forEach(one -> {
            var target = target(handler, one.key);
            if (one.accepted == Accepted.YES
                    && !target.applied.contains(one.index)
                    && !target.perhaps.contains(one.index)
                    && !target.dropped.contains(one.index)
                    && !mayBeStale(target, one)) {
                violated("S1", handler + " never applied " + one);
            }
        }));
    }

    /** Every change that counts, which the first handler applied, has its echo with whoever takes echoes. */
    void checkEchoes(String maker, String taker) {
        published.values().stream()
                .filter(one -> one.kind == Kind.DELTA && one.accepted == Accepted.YES)
                .filter(one -> {
                    var target = target(maker, one.key);
                    return target.applied.contains(one.index)
                            || (target.perhaps.contains(one.index) && !target.dropped.contains(one.index));
                })
                .forEach(one -> {
                    var echo = echoes.get(one.id);
                    if (!echoesHandled.getOrDefault(taker, Set.of()).contains(echo)
                            && !isEchoGivenUp(taker, echo, one)) {
                        violated("S1", taker + " never applied what " + maker + " made of " + one);
                    }
                });
    }

    // --- names

    private static boolean isEcho(Envelope event) {
        return event.type().equals("sim.echo.made");
    }

    private Target target(String handler, Envelope event) {
        return target(handler, isEcho(event) ? "echo " + event.key() : event.key());
    }

    private Target target(String handler, String key) {
        return targets.computeIfAbsent(handler, h -> new LinkedHashMap<>()).computeIfAbsent(key, k -> new Target());
    }

    private Published at(String key, int index) {
        return byKey.getOrDefault(key, List.of()).get(index);
    }
}
