package dev.syncline.verification.redrive;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the lives of a {@link RedriveApplication} tell of their redrives. A letter is handed in once for each time that it died,
 * however many asked for it at once; so in no life may more have been handed in than there were dead.
 *
 * <p>Threading: one thread.
 */
final class Story {

    /** {@code dies handler id}: a handler is about to refuse the event. */
    static final String DIES = "dies";
    /** {@code asks redriver what}: somebody is about to ask for a redrive. */
    static final String ASKS = "asks";
    /** {@code handed-in redriver count [handler id]}: the answer; of a single letter with its event. */
    static final String HANDED_IN = "handed-in";
    /** {@code dead-at-start count}. */
    static final String DEAD_AT_START = "dead-at-start";

    private static final String REMARK = "@N ";

    private final Map<String, Integer> deaths = new HashMap<>();
    private final Map<String, Integer> handIns = new HashMap<>();
    private final Map<String, Integer> asked = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private int lives;
    private int livesThatEndedInARedrive;
    private long dead;
    private long handedIn;
    private long inVain;

    /** One life, which has ended. */
    void take(List<String> lines) {
        lives++;
        long diedNow = 0;
        long handedInNow = 0;
        int open = 0;
        for (String line : lines) {
            if (!line.startsWith(REMARK)) {
                continue;
            }
            String[] words = line.split(" ", -1);
            switch (words[1]) {
                case DEAD_AT_START -> diedNow += Long.parseLong(words[2]);
                case DIES -> {
                    diedNow++;
                    dead++;
                    deaths.merge(words[2] + " " + words[3], 1, Integer::sum);
                }
                case ASKS -> {
                    open++;
                    asked.merge(words[3], 1, Integer::sum);
                }
                case HANDED_IN -> {
                    open--;
                    long count = Long.parseLong(words[3]);
                    handedInNow += count;
                    inVain += count == 0 ? 1 : 0;
                    if (words.length > 5) {
                        handIns.merge(words[4] + " " + words[5], 1, Integer::sum);
                    }
                }
                default -> throw new IllegalArgumentException("no such remark: " + line);
            }
        }
        handedIn += handedInNow;
        livesThatEndedInARedrive += open > 0 ? 1 : 0;
        if (handedInNow > diedNow) {
            faults.add("life " + lives + " handed in " + handedInNow + " letters, though no more than " + diedNow
                    + " were dead in it");
        }
    }

    /** All was found at rest: compares event by event. */
    void atRest() {
        handIns.forEach((event, times) -> {
            if (times > deaths.getOrDefault(event, 0)) {
                faults.add(event + " was handed in " + times + " times, and died " + deaths.getOrDefault(event, 0));
            }
        });
    }

    /** What must not be, a line each. */
    List<String> faults() {
        return faults;
    }

    /** How many lives were killed while a redrive was under way. */
    int livesThatEndedInARedrive() {
        return livesThatEndedInARedrive;
    }

    @Override
    public String toString() {
        return dead + " deaths, " + handedIn + " handed in (answered), asked for " + asked + ", " + inVain
                + " of these found nothing left, " + livesThatEndedInARedrive + " lives ended in a redrive, "
                + faults.size() + " handed in twice";
    }
}
