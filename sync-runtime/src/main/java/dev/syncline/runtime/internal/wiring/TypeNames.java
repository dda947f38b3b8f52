package dev.syncline.runtime.internal.wiring;

import java.util.regex.Pattern;

/** The three ways to name types: {@code a.b.c}, {@code a.b.*} for one more segment, {@code a.b.**} for one or more. */
final class TypeNames {

    private static final Pattern EXACT = Pattern.compile("[^.*\\s]+(\\.[^.*\\s]+)*");

    private TypeNames() {}

    static boolean isExact(String types) {
        return EXACT.matcher(types).matches();
    }

    /** {@code a.b.*}. */
    static boolean isOneSegment(String types) {
        return types.endsWith(".*") && isExact(types.substring(0, types.length() - 2));
    }

    /** {@code a.b.**}. */
    static boolean isDeep(String types) {
        return types.endsWith(".**") && isExact(types.substring(0, types.length() - 3));
    }

    /** What stands before the asterisks, or the name itself. */
    static String stem(String types) {
        if (types.endsWith(".**")) {
            return types.substring(0, types.length() - 3);
        }
        return types.endsWith(".*") ? types.substring(0, types.length() - 2) : types;
    }

    /** The entity that an exact name or {@code a.b.*} is about. */
    static String entityOf(String types) {
        return isExact(types) ? Names.entity(types) : stem(types);
    }

    /** Whether the types take in the exact name, or all of {@code a.b.*} if {@code name} is that. */
    static boolean covers(String types, String name) {
        if (types.equals(name)) {
            return true;
        }
        var stem = stem(types);
        if (types.endsWith(".**")) {
            return name.startsWith(stem + ".");
        }
        return types.endsWith(".*")
                && !name.endsWith(".*")
                && Names.entity(name).equals(stem);
    }
}
