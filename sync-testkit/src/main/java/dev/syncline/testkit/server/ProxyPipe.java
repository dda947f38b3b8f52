package dev.syncline.testkit.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** One direction of one connection: reads, keeps for as long as the faults say, writes. Used by the loop's thread only. */
final class ProxyPipe {

    private static final int CHUNK_BYTES = 64 * 1024;
    private static final int QUEUE_BYTES = 1024 * 1024;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /** A limited rate is paid out in this many portions a second. */
    private static final long PORTIONS = 50;

    private final SocketChannel from;
    private final SocketChannel to;
    private final ProxyFaults faults;
    private final Deque<Chunk> queue = new ArrayDeque<>();
    private int queuedBytes;
    private boolean ended;
    private boolean endForwarded;
    private boolean lostBytes;
    private boolean blocked;
    private boolean lastBytesRead;
    private long nextPortionNanos;

    ProxyPipe(SocketChannel from, SocketChannel to, ProxyFaults faults) {
        this.from = from;
        this.to = to;
        this.faults = faults;
    }

    private record Chunk(ByteBuffer bytes, long dueNanos) {}

    /** Nanoseconds until something falls due here, {@code MAX_VALUE} for never. */
    long turn(long now) throws IOException {
        blocked = false;
        if (faults.stalled) {
            return Long.MAX_VALUE;
        }
        if (mayRead()) {
            read(now);
        }
        long wait = write(now);
        if (ended && queue.isEmpty() && !endForwarded && !faults.swallowing) {
            to.shutdownOutput();
            endForwarded = true;
        }
        return wait;
    }

    private boolean mayRead() {
        return !faults.stalled && !ended && !lastBytesRead && queuedBytes < QUEUE_BYTES;
    }

    private void read(long now) throws IOException {
        // cutAfter counts what is delivered, and what is read to be delivered is spoken for at once.
        boolean counting = faults.cutAfter > 0 && !faults.swallowing;
        ByteBuffer bytes = ByteBuffer.allocate(counting ? (int) Math.min(CHUNK_BYTES, faults.cutAfter) : CHUNK_BYTES);
        int read = from.read(bytes);
        if (read < 0) {
            ended = true;
        } else if (read > 0 && faults.swallowing) {
            lostBytes = true;
            count(0, read);
        } else if (read > 0) {
            if (counting) {
                faults.cutAfter -= read;
                lastBytesRead = faults.cutAfter == 0;
            }
            queue.add(new Chunk(bytes.flip(), now + faults.delayNanos));
            queuedBytes += read;
        }
    }

    private long write(long now) throws IOException {
        for (Chunk head = queue.peek(); head != null; head = queue.peek()) {
            long wait = head.dueNanos() - now;
            if (faults.bytesPerSecond > 0) {
                wait = Math.max(wait, nextPortionNanos - now);
            }
            if (wait > 0) {
                return wait;
            }
            if (!send(head.bytes(), now)) {
                blocked = true;
                return Long.MAX_VALUE;
            }
            if (!head.bytes().hasRemaining()) {
                queue.remove();
            }
        }
        return Long.MAX_VALUE;
    }

    /** False if the receiver takes nothing more for now. */
    private boolean send(ByteBuffer bytes, long now) throws IOException {
        ByteBuffer portion = bytes.slice();
        long rate = faults.bytesPerSecond;
        if (rate > 0) {
            portion.limit((int) Math.min(portion.remaining(), Math.max(1, rate / PORTIONS)));
        }
        int written = to.write(portion);
        bytes.position(bytes.position() + written);
        queuedBytes -= written;
        count(written, 0);
        if (rate > 0) {
            nextPortionNanos = now + written * SECOND / rate;
        }
        return written > 0;
    }

    /** One writer; the fields are volatile for those who read. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void count(int delivered, int swallowed) {
        faults.delivered += delivered;
        faults.swallowed += swallowed;
    }

    int readInterest() {
        return mayRead() ? SelectionKey.OP_READ : 0;
    }

    int writeInterest() {
        return blocked ? SelectionKey.OP_WRITE : 0;
    }

    /** The sender has nothing more to say, whether it knows it or not. */
    void finish() {
        ended = true;
    }

    boolean isFinished() {
        return endForwarded;
    }

    boolean mustCut() {
        return lastBytesRead && queue.isEmpty();
    }

    boolean hasLostBytes() {
        return lostBytes;
    }
}
