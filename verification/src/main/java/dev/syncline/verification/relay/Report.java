package dev.syncline.verification.relay;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What the turns have shown.
 *
 * @param turns how often the directory changed hands
 * @param kills how often by a kill
 * @param accepted events that were published
 * @param repeated messages that are at the broker once more
 * @param mostStepsBack how often the numbers step back in the partition where they do so most; not more often than there were
 *     turns
 * @param ofStandBy from a kill to the first message of one that stood by, shortest first
 * @param ofStarted the same of one that was started after the kill
 * @param faults what must not be, a line each
 */
record Report(
        int turns,
        int kills,
        long accepted,
        long repeated,
        int mostStepsBack,
        List<Duration> ofStandBy,
        List<Duration> ofStarted,
        List<String> faults) {

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d kills of the holder in %d turns, %d events, %d faults (two at once, lost, reordered), %d shipped again,"
                        + " %d steps back at most; from the kill to the next one's first message: of one that stood by %s, of"
                        + " one that was started then %s",
                kills,
                turns,
                accepted,
                faults.size(),
                repeated,
                mostStepsBack,
                text(ofStandBy),
                text(ofStarted));
    }

    private static String text(List<Duration> times) {
        return times.isEmpty()
                ? "(none)"
                : String.format(
                        Locale.ROOT,
                        "%.2f s, at most %.2f s (%d times)",
                        times.get(times.size() / 2).toMillis() / 1000.0,
                        times.get(times.size() - 1).toMillis() / 1000.0,
                        times.size());
    }
}
