package dev.syncline.runtime.internal.dispatch;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.spi.TopicPartition;
import java.util.List;
import java.util.function.IntPredicate;

/** A park store that refuses everything. */
final class NoParking implements Parking {

    @Override
    public List<Parked> parked(IntPredicate shards) {
        return List.of();
    }

    @Override
    public Parked park(Envelope head, Failure failure) {
        throw new OutboxException("there is no park store");
    }

    @Override
    public boolean isFull() {
        return false;
    }

    @Override
    public void force() {}

    @Override
    public boolean isForced(Envelope event) {
        throw nothingParked();
    }

    @Override
    public boolean isOf(Parked key, TopicPartition partition) {
        throw nothingParked();
    }

    @Override
    public void append(Parked key, Envelope event) {
        throw nothingParked();
    }

    @Override
    public boolean contains(Parked key, Envelope event) {
        throw nothingParked();
    }

    @Override
    public Envelope head(Parked key) {
        throw nothingParked();
    }

    @Override
    public void failed(Parked key, Failure failure) {
        throw nothingParked();
    }

    @Override
    public void lost(Parked key) {
        throw nothingParked();
    }

    @Override
    public boolean close(Parked key, End end) {
        throw nothingParked();
    }

    @Override
    public boolean isDeadHead(Parked key, long letter) {
        throw nothingParked();
    }

    @Override
    public void redrive(Parked key) {
        throw nothingParked();
    }

    @Override
    public boolean skip(Parked key, String who, String why) {
        throw nothingParked();
    }

    @Override
    public int drop(Parked key, String who, String why) {
        throw nothingParked();
    }

    private static AssertionError nothingParked() {
        return new AssertionError("no key can be parked here");
    }
}
