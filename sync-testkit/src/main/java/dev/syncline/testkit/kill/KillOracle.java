package dev.syncline.testkit.kill;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares what an application has said that it would do with what it has done, over all its lives.
 *
 * <p>Each event ends in one of three ways, as in Jepsen's checkers. <b>ok</b>: it was accepted, so each handler has its effect
 * at least once, or a person gave it up. <b>fail</b>: it was refused, so no handler has. <b>info</b>: the process died in
 * between; it may have taken place or not. What must not be is listed at {@link Fault}.
 *
 * <p>Threading: one thread.
 */
public final class KillOracle {

    private static final int TOLD = 20;

    private final List<String> handlers;
    private final Map<String, Integer> mostRepeats;
    private final Map<String, Fact> facts = new HashMap<>();
    private final List<Map<String, KeyLine>> keys = new ArrayList<>();
    private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
    private final List<String> told = new ArrayList<>();
    /** Per life, and handler, how many of its effects came again. */
    private final Map<Integer, int[]> repeats = new TreeMap<>();

    private long accepted;
    private long effects;
    private long repeated;
    private long failedAttempts;
    private long givenUp;

    private int life;
    private int unanswered;
    private int running;
    private int[] unfinished;

    /** What must not be. */
    public enum Fault {
        /** Accepted, neither effect nor given up, though all is at rest (S1). */
        LOST("lost"),
        /** A handler was called with an event that nobody meant to publish, or that was refused (S3). */
        PHANTOM("phantoms"),
        /** The first effect of an event after one of a later event of its key (S7). */
        REORDERED("reordered"),
        /** A repeated effect after one of a later event of its key (S7). */
        SET_BACK("set back"),
        /** A handler was called for a key while it was still running for it (S8). */
        OVERLAP("overlapping"),
        /** The broker's position went past an event without effect (S9). */
        PASSED("passed by a position"),
        /** More effects of one life came again than the handler may repeat after a crash (S6). */
        REPEATED_TOO_OFTEN("repeated over the bound"),
        /** An effect came twice in one life, where no crash explains it (S6). */
        REPEATED_WITHOUT_CRASH("repeated without a crash");

        private final String text;

        Fault(String text) {
            this.text = text;
        }

        /** A few words for people. */
        public String text() {
            return text;
        }
    }

    /** One event. */
    private static final class Fact {
        final String id;
        final String key;
        final long seq;
        final int life;
        /** The life of the newest effect, by handler; 0 if there was none. */
        final int[] effectInLife;

        final boolean[] isGivenUp;
        boolean isAccepted;
        boolean isRefused;

        Fact(String id, String key, long seq, int life, int handlers) {
            this.id = id;
            this.key = key;
            this.seq = seq;
            this.life = life;
            this.effectInLife = new int[handlers];
            this.isGivenUp = new boolean[handlers];
        }

        boolean isOpenAt(int handler) {
            return effectInLife[handler] == 0 && !isGivenUp[handler];
        }

        @Override
        public String toString() {
            return id + " (number " + seq + " of key " + key + ", published in life " + life + ")";
        }
    }

    /** One key as a handler knows it. */
    private static final class KeyLine {
        long newest = Long.MIN_VALUE;

        @Nullable
        Fact running;

        boolean hadEffect;
    }

    /**
     * For an application whose handlers each take every event.
     *
     * @param mostRepeats by handler, as it calls itself in {@link Journal#run}: how many effects may come again after one
     *     crash. With an inbox that is marked right after each effect: as many as the handler works on at once
     */
    public KillOracle(Map<String, Integer> mostRepeats) {
        this.handlers = mostRepeats.keySet().stream().sorted().toList();
        this.mostRepeats = Map.copyOf(mostRepeats);
        this.unfinished = new int[handlers.size()];
        for (int i = 0; i < handlers.size(); i++) {
            keys.add(new HashMap<>());
        }
    }

    /** A life begins; lines belong to it from now on. Numbers grow from 1. */
    public void begin(int number) {
        if (number <= life) {
            throw new IllegalArgumentException("life " + number + " after life " + life);
        }
        life = number;
        unanswered = 0;
        unfinished = new int[handlers.size()];
    }

    /**
     * Takes the next line of the life. What no {@link Journal} wrote is passed over.
     *
     * @throws IllegalArgumentException if the journal contradicts itself, as with two events of one id
     */
    public void take(String line) {
        if (!line.startsWith("@")) {
            return;
        }
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "@I" -> intent(words[1], words[2], Long.parseLong(words[3]));
            case "@A" -> accepted(words[1]);
            case "@F" -> refused(words[1]);
            case "@H" -> {
                if (words[1].equals("start")) {
                    start(handler(words[2]), words[3]);
                } else {
                    end(handler(words[2]), words[3]);
                }
            }
            case "@E" -> effect(handler(words[1]), words[2]);
            case "@D" -> givenUp(handler(words[1]), words[2]);
            default -> {
                // that all is at rest, or something of the application's own
            }
        }
    }

    private int handler(String name) {
        int number = handlers.indexOf(name);
        if (number < 0) {
            throw new IllegalArgumentException("a handler that was not announced: " + name);
        }
        return number;
    }

    private void intent(String id, String key, long seq) {
        if (facts.put(id, new Fact(id, key, seq, life, handlers.size())) != null) {
            throw new IllegalArgumentException("two events of the id " + id);
        }
        unanswered++;
    }

    private void accepted(String id) {
        Fact fact = intended(id);
        fact.isAccepted = true;
        accepted++;
        unanswered--;
        for (int i = 0; i < unfinished.length; i++) {
            unfinished[i] += fact.isOpenAt(i) ? 1 : 0; // a handler may be faster than the answer
        }
    }

    private void refused(String id) {
        intended(id).isRefused = true;
        unanswered--;
    }

    private Fact intended(String id) {
        Fact fact = facts.get(id);
        if (fact == null) {
            throw new IllegalArgumentException("the outcome of " + id + " without its intent");
        }
        return fact;
    }

    private KeyLine line(int handler, Fact fact) {
        return keys.get(handler).computeIfAbsent(fact.key, unseen -> new KeyLine());
    }

    private void start(int handler, String id) {
        Fact fact = facts.get(id);
        if (fact == null || fact.isRefused) {
            found(
                    Fault.PHANTOM,
                    handlers.get(handler) + " was called with " + id + ", which "
                            + (fact == null ? "nobody has published" : "was refused"));
            return;
        }
        KeyLine key = line(handler, fact);
        if (key.running != null) {
            found(
                    Fault.OVERLAP,
                    handlers.get(handler) + " was called with " + fact + " while it had " + key.running + " in work");
        } else {
            running++;
        }
        key.running = fact;
        key.hadEffect = false;
    }

    private void end(int handler, String id) {
        Fact fact = facts.get(id);
        if (fact == null || fact.isRefused) {
            return; // told when it began
        }
        KeyLine key = line(handler, fact);
        failedAttempts += key.hadEffect ? 0 : 1;
        running -= key.running == null ? 0 : 1;
        key.running = null;
    }

    private void effect(int handler, String id) {
        Fact fact = facts.get(id);
        if (fact == null || fact.isRefused) {
            return; // told when it began
        }
        effects++;
        KeyLine key = line(handler, fact);
        key.hadEffect = true;
        int before = fact.effectInLife[handler];
        if (before == 0) {
            first(handler, fact, key);
        } else {
            again(handler, fact, key, before);
        }
        fact.effectInLife[handler] = life;
        key.newest = Math.max(key.newest, fact.seq);
    }

    private void first(int handler, Fact fact, KeyLine key) {
        if (fact.seq < key.newest) {
            found(Fault.REORDERED, handlers.get(handler) + " had " + fact + " after number " + key.newest);
        }
        finished(handler, fact);
    }

    /** Before its effect or end is noted. */
    private void finished(int handler, Fact fact) {
        if (fact.isAccepted && fact.life == life && fact.isOpenAt(handler)) {
            unfinished[handler]--;
        }
    }

    private void again(int handler, Fact fact, KeyLine key, int before) {
        repeated++;
        String what = handlers.get(handler) + " had " + fact;
        if (before == life) {
            found(Fault.REPEATED_WITHOUT_CRASH, what + " twice");
        } else {
            int[] ofLife = repeats.computeIfAbsent(before, unseen -> new int[handlers.size()]);
            int bound = mostRepeats.getOrDefault(handlers.get(handler), 0);
            if (++ofLife[handler] > bound) {
                found(
                        Fault.REPEATED_TOO_OFTEN,
                        what + " again; it is number " + ofLife[handler] + " of life " + before + ", the bound is "
                                + bound);
            }
        }
        if (fact.seq < key.newest) {
            found(Fault.SET_BACK, what + " again after number " + key.newest);
        }
    }

    private void givenUp(int handler, String id) {
        Fact fact = facts.get(id);
        if (fact != null && fact.isOpenAt(handler)) {
            finished(handler, fact);
            fact.isGivenUp[handler] = true;
            givenUp++;
        }
    }

    /**
     * The life has ended; what was running in it runs no more.
     *
     * @return whether it was at work at its end: a handler was running, an event was being published, or each handler had
     *     events of this life still to handle
     */
    public boolean end() {
        boolean wasAtWork = running > 0 || unanswered > 0;
        int least = Integer.MAX_VALUE;
        for (int open : unfinished) {
            least = Math.min(least, open);
        }
        running = 0;
        keys.forEach(ofHandler -> ofHandler.values().forEach(key -> key.running = null));
        return wasAtWork || (least > 0 && least < Integer.MAX_VALUE);
    }

    /**
     * Says that a handler's position at the broker is behind these events. Each must have had its effect, or have been given
     * up.
     *
     * @param ids those that nobody knows are passed over
     */
    public void positionPassed(String handler, Collection<String> ids) {
        int number = handler(handler);
        for (String id : ids) {
            Fact fact = facts.get(id);
            if (fact != null && fact.isOpenAt(number)) {
                found(Fault.PASSED, "the position of " + handler + " is behind " + fact + ", which it has not handled");
            }
        }
    }

    /**
     * All is at rest: what was accepted and has not had its effects by now never will. Then forgets the events, so that a long
     * run needs no more memory than the part since the last rest; an effect of a forgotten one shows as a phantom.
     */
    public void atRest() {
        for (Fact fact : facts.values()) {
            List<String> without = new ArrayList<>();
            for (int i = 0; i < handlers.size(); i++) {
                if (fact.isAccepted && fact.isOpenAt(i)) {
                    without.add(handlers.get(i));
                }
            }
            if (!without.isEmpty()) {
                found(Fault.LOST, fact + " has had no effect at " + String.join(", ", without));
            }
        }
        facts.clear();
    }

    private void found(Fault fault, String what) {
        faults.merge(fault, 1L, Long::sum);
        if (told.size() < TOLD) {
            told.add(fault.text() + ", found in life " + life + ": " + what);
        }
    }

    /** How often each fault was found; without those that were not. */
    public Map<Fault, Long> faults() {
        return Map.copyOf(faults);
    }

    /** The first faults, a line each. */
    public List<String> told() {
        return List.copyOf(told);
    }

    /** The highest number of effects of one handler in one life that came again; 0 if none did. */
    public int mostRepeatsOfALife() {
        return repeats.values().stream().flatMapToInt(Arrays::stream).max().orElse(0);
    }

    /** Events that were accepted. */
    public long accepted() {
        return accepted;
    }

    /** Effects of all handlers, repeated ones included. */
    public long effects() {
        return effects;
    }

    /** Effects that came again. */
    public long repeated() {
        return repeated;
    }

    /** Calls of handlers that ended without an effect. */
    public long failedAttempts() {
        return failedAttempts;
    }

    /** Events given up, counted for each handler. */
    public long givenUp() {
        return givenUp;
    }
}
