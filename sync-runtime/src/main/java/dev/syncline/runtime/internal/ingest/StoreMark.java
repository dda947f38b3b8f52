package dev.syncline.runtime.internal.ingest;

import dev.syncline.runtime.internal.log.StoreLives;
import java.util.Set;

/**
 * The id of the store directory and its life, as they stand beside every acknowledged position. A position acknowledged
 * beside another id means that another instance worked on the partition, or that this directory was lost; beside a life
 * that it does not know, that it is a copy, or was put back from one. What was kept there of duplicates and parked keys
 * does not fit the position, so the partition is not read until a person says what is right.
 *
 * <pre>
 * syncline/1 store=0123456789abcdef000000000000002a life=fedcba9876543210
 * </pre>
 */
public final class StoreMark {

    private static final String PREFIX = "syncline/1 store=";
    private static final String LIFE = " life=";
    private static final String ANY = "*";

    /** In place of an id, where state is shared and follows the partition. */
    private static final String SHARED = "shared";

    private final String storeId;
    private final Set<String> adopted;
    private final StoreLives lives;

    /**
     * A mark of our own.
     *
     * @param storeId of the directory
     * @param adopted ids whose partitions are taken over as they are; {@code *} for all
     * @param lives of the directory
     */
    public StoreMark(String storeId, Set<String> adopted, StoreLives lives) {
        this.storeId = storeId;
        this.lives = lives;
        this.adopted = Set.copyOf(adopted);
    }

    /**
     * The mark of state that all instances share: it fits whatever was there, and no directory takes its positions for its
     * own afterwards.
     */
    public static StoreMark shared() {
        return new StoreMark(SHARED, Set.of(ANY), StoreLives.ONE);
    }

    /** What is kept beside each position. */
    String metadata() {
        var life = lives.current();
        return PREFIX + storeId + (life.isEmpty() ? "" : LIFE + life);
    }

    /** Whether a position with that metadata may be gone on from; so it is where another tool wrote it, or none. */
    boolean fits(String metadata) {
        if (!metadata.startsWith(PREFIX) || adopted.contains(ANY)) {
            return true;
        }
        var other = store(metadata);
        return adopted.contains(other) || (other.equals(storeId) && isLifeKnown(metadata));
    }

    private static String store(String metadata) {
        int life = metadata.indexOf(LIFE);
        return metadata.substring(PREFIX.length(), life < 0 ? metadata.length() : life);
    }

    /** A position of a release that wrote no lives is good. */
    private boolean isLifeKnown(String metadata) {
        int life = metadata.indexOf(LIFE);
        return life < 0 || lives.knows(metadata.substring(life + LIFE.length()));
    }

    /** Whether the metadata is from another tool. */
    static boolean isForeign(String metadata) {
        return !metadata.isEmpty() && !metadata.startsWith(PREFIX);
    }

    /** What to do about a position that does not fit. */
    String remedies(String handler, String metadata) {
        var other = metadata.startsWith(PREFIX) ? store(metadata) : metadata;
        if (other.equals(storeId)) {
            return "was acknowledged after this data directory was copied: it was put back from a backup, or a copy of it"
                    + " is at work; start where the newest one is, or end the other instance; if there is none, set"
                    + " handlers." + handler + ".adopt=" + other + " and start once: what was parked since is lost,"
                    + " events around the position may be handled twice";
        }
        return "was acknowledged beside " + (other.equals(SHARED) ? "shared state" : "store " + other) + ", ours is "
                + storeId
                + ": for a group of several instances give all of them shared state, state(\"redis://…\"); else start"
                + " where that data directory is, or end the other instance of this group; if the directory is lost or"
                + " the move is meant, set handlers." + handler + ".adopt=" + other
                + " (or defaults.adopt=*), and events around the position may be handled twice";
    }
}
