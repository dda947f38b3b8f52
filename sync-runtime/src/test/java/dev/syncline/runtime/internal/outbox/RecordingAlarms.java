package dev.syncline.runtime.internal.outbox;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it was told. */
final class RecordingAlarms implements OutboxAlarms {

    final List<String> told = new CopyOnWriteArrayList<>();

    @Override
    public void onDamaged(long index, String why) {
        told.add("damaged");
    }

    @Override
    public void onGap(long expectedN, long foundN, long index) {
        told.add("gap " + expectedN + " " + foundN);
    }
}
