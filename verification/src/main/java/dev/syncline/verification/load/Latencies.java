package dev.syncline.verification.load;

import java.util.concurrent.atomic.AtomicInteger;

/** Times of events, in an array that was there before; past its end they are left out. */
final class Latencies {

    private final long[] nanos;
    private final AtomicInteger count = new AtomicInteger();

    Latencies(int most) {
        nanos = new long[most];
    }

    void add(long took) {
        int at = count.getAndIncrement();
        if (at < nanos.length) {
            nanos[at] = took;
        }
    }

    int count() {
        return Math.min(count.get(), nanos.length);
    }

    /** In milliseconds. When nobody adds any more. */
    double percentile(double share) {
        var values = new double[count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = nanos[i] / 1e6;
        }
        return Figures.percentile(values, share);
    }
}
