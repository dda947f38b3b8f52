package dev.syncline.examples.catalog;

import dev.syncline.runtime.Health;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Turns samples of a run into progress lines, and notices when nothing moves any more. Reads no clock; one thread.
 */
final class Progress {

    private static final long LINE_EVERY = Duration.ofSeconds(1).toNanos();

    private final long events;
    private final Duration patience;
    private final long startedNanos;
    private Sample shown = new Sample(0, 0, 0, 0);
    private long shownNanos;
    private Sample moved = shown;
    private long movedNanos;

    /**
     * Begins.
     *
     * @param events how many changes there will be
     * @param patience how long nothing may move
     */
    Progress(long events, Duration patience, long nowNanos) {
        this.events = events;
        this.patience = patience;
        startedNanos = nowNanos;
        shownNanos = nowNanos;
        movedNanos = nowNanos;
    }

    /** The line to print now, if one is due: every second, and whenever a tenth of the changes is published. */
    Optional<String> line(Sample now, long nowNanos) {
        boolean tenth = now.published * 10 / events > shown.published * 10 / events;
        if (!tenth && nowNanos - shownNanos < LINE_EVERY) {
            return Optional.empty();
        }
        double seconds = Math.max(1, nowNanos - shownNanos) / 1e9;
        var line = String.format(
                Locale.ROOT,
                "%5.1f s  published %d of %d (%d %%)  applied %d (%,.0f/s)  outbox %d  lag %s",
                (nowNanos - startedNanos) / 1e9,
                now.published,
                events,
                now.published * 100 / events,
                now.applied,
                (now.applied - shown.applied) / seconds,
                now.unshipped,
                now.lag < 0 ? "unknown" : Long.toString(now.lag));
        shown = now;
        shownNanos = nowNanos;
        return Optional.of(line);
    }

    /** Whether nothing has moved for longer than anybody should wait. */
    boolean isStuck(Sample now, long nowNanos) {
        if (!now.equals(moved)) {
            moved = now;
            movedNanos = nowNanos;
            return false;
        }
        return nowNanos - movedNanos >= patience.toNanos();
    }

    /**
     * How far a run is.
     *
     * @param published number of the last change that is published
     * @param applied events that the shop has applied since the start
     * @param unshipped events that no broker has confirmed yet
     * @param lag events that the shop has still to take; -1 while that is not known
     */
    record Sample(long published, long applied, long unshipped, long lag) {

        static Sample of(Feed feed, ShopSync handler, Health health) {
            var shop = health.handlers().get("shop");
            return new Sample(
                    feed.published(), handler.applied(), health.outbox().unshipped(), shop == null ? -1 : shop.lag());
        }
    }
}
