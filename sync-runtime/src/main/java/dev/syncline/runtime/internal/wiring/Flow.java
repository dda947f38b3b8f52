package dev.syncline.runtime.internal.wiring;

import org.jspecify.annotations.Nullable;

/**
 * One line of the start report: how data of one type and version reaches a method.
 *
 * @param payload null if no class is known
 * @param path the mappers, for people
 */
record Flow(String type, @Nullable PayloadClass payload, String path, HandlerMethod method) {}
