package dev.syncline.runtime.internal.handling;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The paths of one method.
 *
 * @param byType of the types that are known by name
 * @param otherwise for the others of a {@code *}; null if nothing can be made of them
 */
public record Paths(Map<String, Versions> byType, @Nullable Path otherwise) {

    public Paths {
        byType = Map.copyOf(byType);
    }

    /** The path, null if there is none. */
    @Nullable
    Path find(String type, int version) {
        var versions = byType.get(type);
        if (versions == null) {
            return otherwise;
        }
        var path = versions.known().get(version);
        return path == null ? versions.otherwise() : path;
    }

    /**
     * The paths of one type.
     *
     * @param known by version, where a payload class says it
     * @param otherwise for all other versions; null if nothing can be made of them
     */
    public record Versions(
            Map<Integer, Path> known, @Nullable Path otherwise) {
        public Versions {
            known = Map.copyOf(known);
        }
    }
}
