package dev.syncline.runtime.internal.assembly;

import dev.syncline.runtime.internal.dispatch.Parking;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.inbox.HandlerApplied;
import dev.syncline.runtime.internal.ingest.LateState;
import dev.syncline.runtime.internal.ingest.PartitionGate;
import dev.syncline.runtime.internal.ingest.StoreMark;
import dev.syncline.runtime.internal.park.ParkStore;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one handler on one broker remembers, wherever it is kept.
 *
 * @param applied inbox and guard
 * @param handling the steps; where results are published it notes beside them which event they are of, if that is here
 * @param parking where keys wait whose attempts in place are spent
 * @param parked the stores behind that, as far as there are any
 * @param gate opens each partition before it is read
 * @param mark kept beside each position
 * @param late what of it is not at hand at start; null if all is
 */
record FlowState(
        HandlerApplied applied,
        Handling handling,
        Parking parking,
        Supplier<List<ParkStore>> parked,
        PartitionGate gate,
        StoreMark mark,
        @Nullable LateState late) {}
