package dev.syncline.runtime.internal.wiring;

import dev.syncline.runtime.internal.handling.Step;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds the way from a payload class to what a handler's method takes: upcasts within one event type, upwards only,
 * then at most one translation to another model. That is why no cycle and no chain of translations that nobody meant
 * can come about.
 *
 * <p>A mapper of the handler itself takes the place of a common one for the same two types, and a path that ends in a
 * translation of the handler's own beats any that does not. Then the path with fewer steps wins; two of equal length
 * are a fault.
 */
final class MappingPaths {

    private final Catalogue catalogue;
    private final List<MapperMethod> own;
    private final List<MapperMethod> all;

    MappingPaths(Catalogue catalogue, List<MapperMethod> common, List<MapperMethod> own) {
        this.catalogue = catalogue;
        this.own = own;
        this.all = new ArrayList<>(own);
        for (var mapper : common) {
            if (own.stream().noneMatch(mine -> connectSame(mine, mapper))) {
                all.add(mapper);
            }
        }
    }

    /** All that may be used: the own ones, and the common ones that none of them replaces. */
    List<MapperMethod> mappers() {
        return all;
    }

    /** All paths of the best kind: none if it is missing, several if it is ambiguous. */
    List<Found> find(Type from, Type to) {
        var candidates = new ArrayList<Found>();
        collect(from, to, List.of(), candidates);
        var best = candidates.stream().min(Comparator.naturalOrder());
        return best.isEmpty()
                ? List.of()
                : candidates.stream()
                        .filter(path -> path.compareTo(best.get()) == 0)
                        .toList();
    }

    private void collect(Type at, Type to, List<MapperMethod> steps, List<Found> candidates) {
        if (at.equals(to)) {
            candidates.add(new Found(steps, true));
            return;
        }
        for (var mapper : all) {
            if (!mapper.from().equals(at)) {
                continue;
            }
            if (isLift(mapper)) {
                collect(mapper.to(), to, with(steps, mapper), candidates);
            } else if (mapper.to().equals(to)) {
                candidates.add(new Found(with(steps, mapper), own.contains(mapper)));
            }
        }
    }

    /** Within one event type; a downward one was a fault before and is no step of anything. */
    private boolean isLift(MapperMethod mapper) {
        var from = catalogue.of(mapper.from());
        var to = catalogue.of(mapper.to());
        return from != null && to != null && from.name().equals(to.name()) && from.version() < to.version();
    }

    private static boolean connectSame(MapperMethod one, MapperMethod other) {
        return one.from().equals(other.from()) && one.to().equals(other.to());
    }

    private static List<MapperMethod> with(List<MapperMethod> steps, MapperMethod further) {
        var longer = new ArrayList<>(steps);
        longer.add(further);
        return longer;
    }

    /**
     * A path.
     *
     * @param isOwn whether it needs no common translation
     */
    record Found(List<MapperMethod> mappers, boolean isOwn) implements Comparable<Found> {

        private static final Comparator<Found> ORDER =
                Comparator.comparing(Found::isOwn).reversed().thenComparing(path -> path.mappers.size());

        List<Step> steps() {
            return mappers.stream().map(MapperMethod::step).toList();
        }

        @Override
        public int compareTo(Found other) {
            return ORDER.compare(this, other);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Found that && mappers.equals(that.mappers) && isOwn == that.isOwn;
        }

        @Override
        public int hashCode() {
            return Objects.hash(mappers, isOwn);
        }

        /** {@code Mappers.lift → Mappers.item}, for people. */
        @Override
        public String toString() {
            return mappers.stream()
                    .map(MapperMethod::toString)
                    .reduce((a, b) -> a + " → " + b)
                    .orElse("as it is");
        }
    }
}
