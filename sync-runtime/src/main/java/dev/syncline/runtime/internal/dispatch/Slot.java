package dev.syncline.runtime.internal.dispatch;

import dev.syncline.runtime.internal.settle.InFlight;
import org.jspecify.annotations.Nullable;

/** A slot of a lane's ring: a reference, cleared when the lane has taken it, so that the ring keeps no payload alive. */
final class Slot {
    @Nullable
    InFlight event;
}
