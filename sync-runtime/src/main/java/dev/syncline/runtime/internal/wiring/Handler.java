package dev.syncline.runtime.internal.wiring;

import dev.syncline.api.SyncHandler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A handler as it was declared, its methods understood.
 *
 * @param where the class, or the lambda's id, for people
 * @param declared its annotation; null for a lambda and for a class without it
 * @param own its own mappers
 */
record Handler(
        String id, String where, @Nullable SyncHandler declared, List<HandlerMethod> methods, List<MapperMethod> own) {

    Handler {
        methods = List.copyOf(methods);
        own = List.copyOf(own);
    }
}
