package dev.syncline.testkit.kill;

import dev.syncline.testkit.kill.KeyLine.Attempt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
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

    private final List<String> handlers;
    private final Map<String, Fact> facts = new HashMap<>();
    private final Attempts attempts;
    private final Repeats repeats;
    private final Map<Integer, Life> lives = new TreeMap<>();
    private final Findings findings = new Findings();

    private long accepted;
    private long effects;
    private long failedAttempts;
    private long givenUp;
    private int outages;
    private Life life = new Life(0, 0);

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

    /**
     * For an application whose handlers each take every event.
     *
     * @param mostRepeats by handler, as it calls itself in {@link Journal#run}: how many effects may come again after one
     *     crash. With an inbox that is marked right after each effect: as many as the handler works on at once
     */
    public KillOracle(Map<String, Integer> mostRepeats) {
        this.handlers = mostRepeats.keySet().stream().sorted().toList();
        this.attempts = new Attempts(handlers, findings);
        this.repeats = new Repeats(handlers, mostRepeats, attempts, findings);
    }

    /** A life begins, beside those that have not ended; lines belong to it from now on. Numbers grow from 1. */
    public void begin(int number) {
        if (number <= life.number) {
            throw new IllegalArgumentException("life " + number + " after life " + life);
        }
        life = new Life(number, handlers.size());
        lives.put(number, life);
        if (outages > 0) {
            cutOff(life);
        }
    }

    /**
     * Takes the next line of the life that began last. What no {@link Journal} wrote is passed over.
     *
     * @throws IllegalArgumentException if the journal contradicts itself, as with two events of one id
     */
    public void take(String line) {
        take(life.number, line);
    }

    /**
     * Takes the next line of one of several lives at once. Lines of all of them come in the order of the times that stand at
     * their ends.
     *
     * @throws IllegalArgumentException as above
     */
    public void take(int number, String line) {
        if (!line.startsWith("@")) {
            return;
        }
        Life of = life(number);
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "@I" -> intent(of, words[1], words[2], Long.parseLong(words[3]));
            case "@A" -> accepted(words[1]);
            case "@F" -> refused(words[1]);
            case "@H" -> {
                if (words[1].equals("start")) {
                    start(of, handler(words[2]), words[3]);
                } else {
                    end(of, handler(words[2]), words[3]);
                }
            }
            case "@E" -> effect(of, handler(words[1]), words[2]);
            case "@P" -> pause(number);
            case "@D" -> givenUp(handler(words[1]), words[2]);
            default -> {
                // that all is at rest, or something of the application's own
            }
        }
    }

    private Life life(int number) {
        Life found = lives.get(number);
        if (found == null) {
            throw new IllegalArgumentException("life " + number + " has not begun");
        }
        return found;
    }

    private int handler(String name) {
        int number = handlers.indexOf(name);
        if (number < 0) {
            throw new IllegalArgumentException("a handler that was not announced: " + name);
        }
        return number;
    }

    private void intent(Life of, String id, String key, long seq) {
        if (facts.put(id, new Fact(id, key, seq, of, handlers.size())) != null) {
            throw new IllegalArgumentException("two events of the id " + id);
        }
        of.unanswered++;
    }

    private void accepted(String id) {
        Fact fact = intended(id);
        fact.isAccepted = true;
        accepted++;
        fact.life.unanswered--;
        for (int i = 0; i < handlers.size(); i++) {
            fact.life.unfinished[i] += fact.isOpenAt(i) ? 1 : 0; // a handler may be faster than the answer
        }
    }

    private void refused(String id) {
        Fact fact = intended(id);
        fact.isRefused = true;
        fact.life.unanswered--;
    }

    private Fact intended(String id) {
        Fact fact = facts.get(id);
        if (fact == null) {
            throw new IllegalArgumentException("the outcome of " + id + " without its intent");
        }
        return fact;
    }

    private void start(Life of, int handler, String id) {
        Fact fact = facts.get(id);
        if (fact == null || fact.isRefused) {
            findings.add(
                    of,
                    Fault.PHANTOM,
                    handlers.get(handler) + " was called with " + id + ", which "
                            + (fact == null ? "nobody has published" : "was refused"));
            return;
        }
        attempts.begin(of, handler, fact);
    }

    private void end(Life of, int handler, String id) {
        Fact fact = facts.get(id);
        if (fact == null || fact.isRefused) {
            return; // told when it began
        }
        @Nullable Attempt ended = attempts.end(of, handler, fact);
        failedAttempts += ended == null || ended.hadEffect ? 0 : 1;
    }

    private void effect(Life of, int handler, String id) {
        Fact fact = facts.get(id);
        if (fact == null || fact.isRefused) {
            return; // told when it began
        }
        effects++;
        KeyLine key = attempts.key(handler, fact);
        Attempt attempt = key.attempt(of, fact);
        if (attempt == null) {
            attempt = new Attempt(of, fact); // of a handler that does not say when it begins
        }
        attempt.hadEffect = true;
        @Nullable Life before = fact.effectIn[handler];
        if (before == null) {
            first(attempt, handler, key);
        } else {
            repeats.again(attempt, handler, key, before);
        }
        fact.effectIn[handler] = of;
        key.newest = Math.max(key.newest, fact.seq);
    }

    private void first(Attempt attempt, int handler, KeyLine key) {
        Fact fact = attempt.fact;
        if (fact.seq < key.newest) {
            findings.add(
                    attempt.life,
                    Fault.REORDERED,
                    handlers.get(handler) + " had " + fact + " after number " + key.newest);
        }
        finished(handler, fact);
    }

    /** Before its effect or end is noted. */
    private void finished(int handler, Fact fact) {
        if (fact.isAccepted && fact.isOpenAt(handler)) {
            fact.life.unfinished[handler]--;
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
     * The life that began last was killed; what was running in it runs no more.
     *
     * @return as {@link #end(int)}
     */
    public boolean end() {
        return end(life.number);
    }

    /**
     * A life was killed; what was running in it runs no more.
     *
     * @return whether it was at work at its end: a handler was running, an event was being published, or each handler had
     *     events of this life still to handle
     */
    public boolean end(int number) {
        Life of = life(number);
        boolean wasAtWork = of.running > 0 || of.unanswered > 0;
        int least = Integer.MAX_VALUE;
        for (int open : of.unfinished) {
            least = Math.min(least, open);
        }
        of.breaks++;
        of.isOver = true;
        attempts.end(of);
        return wasAtWork || (least > 0 && least < Integer.MAX_VALUE);
    }

    /** A life has ended by itself, as it was asked to. Nothing of it may be repeated. */
    public void leave(int number) {
        Life of = life(number);
        of.isOver = true;
        attempts.end(of);
    }

    /**
     * A life was stopped for so long that others may have taken what was its own. What runs in it goes on when it wakes, beside
     * its successor's, and may be repeated; what it begins after that may not.
     */
    public void pause(int number) {
        Life of = life(number);
        of.breaks++;
        for (int i = 0; i < handlers.size(); i++) {
            attempts.pause(of, i, repeats.most(i));
        }
    }

    /**
     * What lives share, a broker or the store of their state, begins to be away, or to lose what is said. Each of them may be
     * cut off from it: others may take what was its own, and cannot know of what it could not say. So as many effects may come
     * again, in <em>another</em> life, as after a crash. Until {@link #outageEnds()} lives may begin.
     */
    public void outageBegins() {
        outages++;
        lives.values().stream().filter(of -> !of.isOver).forEach(this::cutOff);
    }

    private void cutOff(Life of) {
        of.outages++;
        for (int i = 0; i < handlers.size(); i++) {
            of.allowed[i] = Math.max(of.allowed[i], repeats.most(i));
        }
    }

    /** An outage is over. */
    public void outageEnds() {
        outages--;
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
                findings.add(
                        life,
                        Fault.PASSED,
                        "the position of " + handler + " is behind " + fact + ", which it has not handled");
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
                findings.add(life, Fault.LOST, fact + " has had no effect at " + String.join(", ", without));
            }
        }
        facts.clear();
    }

    /** How often each fault was found; without those that were not. */
    public Map<Fault, Long> faults() {
        return findings.faults();
    }

    /** The first faults, a line each. */
    public List<String> told() {
        return findings.told();
    }

    /** The highest number of effects of one handler in one life that came again; 0 if none did. */
    public int mostRepeatsOfALife() {
        return lives.values().stream()
                .flatMapToInt(of -> Arrays.stream(of.repeats))
                .max()
                .orElse(0);
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
        return repeats.repeated();
    }

    /** Of them, how many nothing but an outage excuses. */
    public long repeatedAfterOutages() {
        return repeats.afterOutages();
    }

    /** Calls of handlers that ended without an effect. */
    public long failedAttempts() {
        return failedAttempts;
    }

    /** Events given up, counted for each handler. */
    public long givenUp() {
        return givenUp;
    }

    /** Attempts that met one of another life at their key, because a paused process had begun before it was paused. */
    public long zombieAttempts() {
        return attempts.zombies();
    }

    /** Effects that a process had after it was paused, of events that another had handled meanwhile. */
    public long zombieEffects() {
        return repeats.byZombies();
    }
}
