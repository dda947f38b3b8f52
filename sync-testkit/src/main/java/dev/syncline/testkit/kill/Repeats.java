package dev.syncline.testkit.kill;

import dev.syncline.testkit.kill.KeyLine.Attempt;
import dev.syncline.testkit.kill.KillOracle.Fault;
import java.util.List;
import java.util.Map;

/** Effects that come again, and what excuses each: that a process was killed, stopped, or cut off from what it shares. */
final class Repeats {

    private final List<String> handlers;
    private final Map<String, Integer> most;
    private final Attempts attempts;
    private final Findings findings;
    private long repeated;
    private long afterOutages;
    private long byZombies;

    Repeats(List<String> handlers, Map<String, Integer> most, Attempts attempts, Findings findings) {
        this.handlers = handlers;
        this.most = Map.copyOf(most);
        this.attempts = attempts;
        this.findings = findings;
    }

    /** How many effects may come again after one crash. */
    int most(int handler) {
        return most.getOrDefault(handlers.get(handler), 0);
    }

    /**
     * An effect took place once more.
     *
     * @param before the life that had it last
     */
    void again(Attempt attempt, int handler, KeyLine key, Life before) {
        repeated++;
        Fact fact = attempt.fact;
        String what = handlers.get(handler) + " had " + fact;
        boolean isSame = attempt.life == before;
        boolean isSetBack = fact.seq < key.newest;
        // who repeats what another has done in between was paused; else it was done by one that was killed, or paused
        boolean isByZombie = attempt.isZombie
                || (!isSame && (isSetBack || before.excuses() == 0) && attempts.isZombie(handler, attempt));
        byZombies += isByZombie ? 1 : 0;
        Life cause = isByZombie ? attempt.life : before;
        // who had the effect itself knows of it, whatever became of the store
        int excuses = isSame ? cause.breaks : cause.excuses();
        int bound = most(handler) * excuses;
        if (excuses == 0) {
            findings.add(attempt.life, Fault.REPEATED_WITHOUT_CRASH, what + " twice");
        } else if (++cause.repeats[handler] > bound) {
            findings.add(
                    attempt.life,
                    Fault.REPEATED_TOO_OFTEN,
                    what + " again; it is number " + cause.repeats[handler] + " of life " + cause + ", the bound is "
                            + bound);
        }
        afterOutages += excuses > 0 && cause.repeats[handler] > most(handler) * cause.breaks ? 1 : 0;
        if (isSetBack && !isByZombie) {
            findings.add(attempt.life, Fault.SET_BACK, what + " again after number " + key.newest);
        }
    }

    long repeated() {
        return repeated;
    }

    /** Of them, how many nothing but an outage excuses. */
    long afterOutages() {
        return afterOutages;
    }

    long byZombies() {
        return byZombies;
    }
}
