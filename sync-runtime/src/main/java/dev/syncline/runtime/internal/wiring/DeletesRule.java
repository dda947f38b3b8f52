package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.EventType;
import dev.syncline.runtime.internal.handling.Shape;
import java.util.List;
import java.util.Objects;

/**
 * What happens on delete is said, never guessed: a method that takes bare payloads of state cannot learn that an entity
 * is gone, so its handler must have a method that can, or say {@code deletes = IGNORE}.
 *
 * <p>A type without a payload class counts as state. Where no path leads to the method either, that is said first.
 */
final class DeletesRule {

    private final Catalogue catalogue;
    private final Faults faults;

    DeletesRule(Catalogue catalogue, Faults faults) {
        this.catalogue = catalogue;
        this.faults = faults;
    }

    void check(Handler handler, List<Flow> flows) {
        for (var method : handler.methods()) {
            if (method.shape() != Shape.PAYLOAD) {
                continue;
            }
            for (var types : method.types()) {
                if (isState(method, types, flows) && !takesDeletes(handler, TypeNames.entityOf(types))) {
                    faults.add(method.name() + " takes \"" + types
                            + "\" and cannot learn that the entity is gone: let it take Change<T> or Event<T>, or add a"
                            + " method for the entity's delete event, or say deletes = IGNORE in @SyncHandler");
                }
            }
        }
    }

    private boolean isState(HandlerMethod method, String types, List<Flow> flows) {
        var known = TypeNames.isExact(types) ? List.of(types) : catalogue.namesOf(TypeNames.stem(types));
        var kinds = known.stream().map(catalogue::kind).filter(Objects::nonNull).toList();
        return kinds.isEmpty()
                ? flows.stream()
                        .anyMatch(flow ->
                                flow.method().equals(method) && flow.type().equals(types))
                : kinds.contains(EventType.Kind.STATE);
    }

    private boolean takesDeletes(Handler handler, String entity) {
        return handler.methods().stream()
                .anyMatch(method -> method.types().stream()
                        .anyMatch(types -> TypeNames.entityOf(types).equals(entity) && takesDeletes(method, types)));
    }

    private boolean takesDeletes(HandlerMethod method, String types) {
        if (TypeNames.isExact(types)) {
            var kind = catalogue.kind(types);
            return kind == EventType.Kind.DELETE
                    || (kind == null && method.shape().takesDeletes());
        }
        return method.shape().takesDeletes()
                || catalogue.namesOf(TypeNames.stem(types)).stream()
                        .anyMatch(name -> catalogue.kind(name) == EventType.Kind.DELETE);
    }
}
