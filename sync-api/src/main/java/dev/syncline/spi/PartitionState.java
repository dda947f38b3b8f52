package dev.syncline.spi;

import dev.syncline.api.BrokerException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The state of one partition in the hands of who took it, under a token that the store compares in every call. Once a
 * later owner has taken it every call fails with {@link StateFencedException}, and has changed nothing.
 *
 * <p>Beside the entries of its {@linkplain StateStore.StateScope scope} each partition has a {@linkplain OwnedLog log}.
 *
 * <p>Calls do not block and are one round trip each. They fail with {@link BrokerException}: retryable if the store is
 * away, and then it is open whether a change took place; making it again is safe.
 *
 * <p>Threading: any thread.
 */
public interface PartitionState extends OwnedLog {

    /** Whether the store had never seen this partition before it was taken. */
    boolean isNew();

    /** Reads entries; one answer for each key, in their order, null for one that is not there. */
    CompletionStage<List<@Nullable Bytes>> read(List<StateKey> keys);

    /**
     * Writes entries, all of them or none.
     *
     * @return false if one of them was no longer what its change says, and none was written: read again
     */
    CompletionStage<Boolean> write(List<StateChange> changes);
}
