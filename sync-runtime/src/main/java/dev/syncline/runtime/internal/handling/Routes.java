package dev.syncline.runtime.internal.handling;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which method takes which type. The exact name beats {@code a.b.*}, which stands for one more segment.
 *
 * @param all by number
 * @param exact number by type
 * @param byEntity number by type without its last segment
 */
public record Routes(List<Route> all, Map<String, Integer> exact, Map<String, Integer> byEntity) {

    public Routes {
        all = List.copyOf(all);
        exact = Map.copyOf(exact);
        byEntity = Map.copyOf(byEntity);
    }

    int of(String type) {
        var number = exact.get(type);
        if (number == null) {
            number = ofEntity(type);
        }
        return number == null ? Handling.UNHANDLED : number;
    }

    private @Nullable Integer ofEntity(String type) {
        int lastDot = byEntity.isEmpty() ? -1 : type.lastIndexOf('.');
        return lastDot < 0 ? null : byEntity.get(type.substring(0, lastDot));
    }
}
