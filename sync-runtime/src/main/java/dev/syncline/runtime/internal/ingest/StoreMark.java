package dev.syncline.runtime.internal.ingest;

import java.util.Set;

/**
 * The id of the store directory, as it stands beside every acknowledged position. A position acknowledged beside
 * another id means that another instance worked on the partition, that this directory was lost, or that it is a copy:
 * what was kept there of duplicates and parked keys does not fit the position, so the partition is not read until a
 * person says what is right.
 */
final class StoreMark {

    private static final String PREFIX = "syncline/1 store=";
    private static final String ANY = "*";

    private final String storeId;
    private final Set<String> adopted;

    /**
     * A mark of our own.
     *
     * @param adopted ids whose partitions are taken over as they are; {@code *} for all
     */
    StoreMark(String storeId, Set<String> adopted) {
        this.storeId = storeId;
        this.adopted = Set.copyOf(adopted);
    }

    /** What is kept beside each position. */
    String metadata() {
        return PREFIX + storeId;
    }

    /** Whether a position with that metadata may be gone on from; so it is where another tool wrote it, or none. */
    boolean fits(String metadata) {
        if (!metadata.startsWith(PREFIX) || adopted.contains(ANY)) {
            return true;
        }
        var other = metadata.substring(PREFIX.length());
        return other.equals(storeId) || adopted.contains(other);
    }

    /** Whether the metadata is from another tool. */
    static boolean isForeign(String metadata) {
        return !metadata.isEmpty() && !metadata.startsWith(PREFIX);
    }

    /** What to do about a position that does not fit. */
    String remedies(String handler, String metadata) {
        var other = metadata.startsWith(PREFIX) ? metadata.substring(PREFIX.length()) : metadata;
        return "was acknowledged beside store " + other + ", ours is " + storeId
                + ": start where that data directory is, or end the other instance of this group; if the directory is"
                + " lost or the move is meant, set handlers." + handler + ".adopt=" + other
                + " (or defaults.adopt=* for a group of several instances), and events around the position may be"
                + " handled twice";
    }
}
