package dev.syncline.broker.kafka;

import java.util.Collection;
import java.util.List;

/** Finds the name that somebody may have meant. */
final class NearestName {

    private NearestName() {}

    /** As many as a message can name. */
    private static final int MOST = 3;

    /**
     * The candidate with the fewest edits away, if it is near enough to be meant; else the few that contain the name
     * between their dots.
     */
    static List<String> to(String name, Collection<String> candidates) {
        int best = Math.max(2, name.length() / 3) + 1;
        String nearest = null;
        for (var candidate : candidates) {
            int distance = distance(name, candidate);
            if (distance < best) {
                best = distance;
                nearest = candidate;
            }
        }
        if (nearest != null) {
            return List.of(nearest);
        }
        var containing = candidates.stream()
                .filter(candidate -> ("." + candidate + ".").contains("." + name + "."))
                .sorted()
                .toList();
        return containing.size() <= MOST ? containing : List.of();
    }

    /** Levenshtein's distance, one row at a time. */
    private static int distance(String left, String right) {
        var row = new int[right.length() + 1];
        for (int column = 0; column < row.length; column++) {
            row[column] = column;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replace = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replace, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[right.length()];
    }
}
