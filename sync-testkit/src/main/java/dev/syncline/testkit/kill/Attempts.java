package dev.syncline.testkit.kill;

import dev.syncline.testkit.kill.KeyLine.Attempt;
import dev.syncline.testkit.kill.KillOracle.Fault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which calls of handlers run, in all lives, and who meets whom at a key. */
final class Attempts {

    private final List<String> handlers;
    private final Findings findings;
    private final List<Map<String, KeyLine>> keys = new ArrayList<>();
    private long zombies;

    Attempts(List<String> handlers, Findings findings) {
        this.handlers = handlers;
        this.findings = findings;
        handlers.forEach(handler -> keys.add(new HashMap<>()));
    }

    KeyLine key(int handler, Fact fact) {
        return keys.get(handler).computeIfAbsent(fact.key, unseen -> new KeyLine());
    }

    void begin(Life of, int handler, Fact fact) {
        KeyLine key = key(handler, fact);
        Attempt attempt = new Attempt(of, fact);
        key.running.forEach(other -> meet(handler, attempt, other));
        key.running.add(attempt);
        of.running++;
    }

    /** What has ended; null if it did not run. */
    @Nullable
    Attempt end(Life of, int handler, Fact fact) {
        KeyLine key = key(handler, fact);
        Attempt attempt = key.attempt(of, fact);
        if (attempt != null) {
            of.running--;
            key.running.remove(attempt);
        }
        return attempt;
    }

    /** A life runs no more. */
    void end(Life of) {
        of.running = 0;
        keys.forEach(
                ofHandler -> ofHandler.values().forEach(key -> key.running.removeIf(attempt -> attempt.life == of)));
    }

    /**
     * A life stands still, and others may take what was its own.
     *
     * @param atOnce how many the handler works on at once
     */
    void pause(Life of, int handler, int atOnce) {
        of.allowed[handler] = atOnce;
        for (KeyLine key : keys.get(handler).values()) {
            for (Attempt attempt : key.running) {
                if (attempt.life == of) {
                    attempt.isZombie = true;
                    of.allowed[handler]--;
                }
            }
        }
    }

    /** Two at one key: a fault, unless one of them was allowed before its process was paused. */
    private void meet(int handler, Attempt attempt, Attempt other) {
        boolean mayBeZombies = attempt.life != other.life;
        if (mayBeZombies && isZombie(handler, other)) {
            hasMet(other);
        } else if (mayBeZombies && isZombie(handler, attempt)) {
            hasMet(attempt);
        } else {
            findings.add(
                    attempt.life,
                    Fault.OVERLAP,
                    handlers.get(handler) + " was called with " + attempt.fact + " while it had " + other.fact
                            + " in work" + (mayBeZombies ? " in life " + other.life : ""));
        }
    }

    private void hasMet(Attempt zombie) {
        zombies += zombie.hasMet ? 0 : 1;
        zombie.hasMet = true;
    }

    /**
     * Whether the attempt was allowed before its process was paused. Between the permission and its first line lies a moment,
     * in which the pause may fall: so as many of them may begin after it as the handler works on at once.
     */
    boolean isZombie(int handler, Attempt attempt) {
        if (!attempt.isZombie && attempt.life.allowed[handler] > 0) {
            attempt.life.allowed[handler]--;
            attempt.isZombie = true;
        }
        return attempt.isZombie;
    }

    /** How many zombies met another at their key. */
    long zombies() {
        return zombies;
    }
}
