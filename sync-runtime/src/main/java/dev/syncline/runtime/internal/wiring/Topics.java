package dev.syncline.runtime.internal.wiring;

/** Where events go: the first route that fits, else the type without its last segment on the default broker. */
public interface Topics {

    /** The place of a type; the same for every call. */
    Place of(String type);

    /** A topic of a broker. */
    record Place(String broker, String topic) {}
}
