package dev.syncline.spi;

/**
 * Where a message stands in its partition. Positions of one partition are ordered as its messages are; they have gaps
 * and say nothing across partitions.
 *
 * @param major Kafka: the offset; Redis Streams: the milliseconds of the entry id; {@code local:}: the outbox index
 * @param minor Kafka: 0; Redis Streams: the sequence of the entry id; {@code local:}: the ordinal within the document
 */
public record Position(long major, long minor) implements Comparable<Position> {

    /** A position of one number. */
    public static Position of(long major) {
        return new Position(major, 0);
    }

    /** As unsigned numbers, as Redis compares its ids. */
    @Override
    public int compareTo(Position that) {
        int byMajor = Long.compareUnsigned(major, that.major);
        return byMajor != 0 ? byMajor : Long.compareUnsigned(minor, that.minor);
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(major) + "-" + Long.toUnsignedString(minor);
    }
}
