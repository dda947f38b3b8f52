package dev.syncline.runtime.internal.outbox;

import java.util.concurrent.atomic.AtomicReferenceArray;

/** A few document writers, so that encoding needs neither the outbox's lock nor new buffers. Any thread. */
final class WriterPool {

    private final AtomicReferenceArray<DocumentWriter> free;

    WriterPool(int size) {
        free = new AtomicReferenceArray<>(size);
    }

    DocumentWriter take() {
        for (int i = 0; i < free.length(); i++) {
            if (free.getPlain(i) != null) {
                var writer = free.getAndSet(i, null);
                if (writer != null) {
                    return writer;
                }
            }
        }
        return new DocumentWriter();
    }

    void give(DocumentWriter writer) {
        for (int i = 0; i < free.length(); i++) {
            if (free.getPlain(i) == null && free.compareAndSet(i, null, writer)) {
                return;
            }
        }
    }
}
