package dev.syncline.broker.redis;

import java.util.Collection;
import java.util.Comparator;

/** Guesses which name somebody meant. */
final class Nearest {

    private Nearest() {}

    /** The name with the fewest letters to change, add or drop; what stands before its last dot may be left out. */
    static String of(String written, Collection<String> names) {
        return names.stream()
                .min(Comparator.comparingInt(name -> Math.min(
                        distance(written, name), 1 + distance(written, name.substring(name.lastIndexOf('.') + 1)))))
                .orElseThrow();
    }

    private static int distance(String one, String other) {
        var row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int change = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
