package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.envelope.EnvelopeReader;
import dev.syncline.runtime.internal.log.StoreId;
import dev.syncline.runtime.internal.park.LaneParking;
import dev.syncline.runtime.internal.park.ParkSettings;
import dev.syncline.runtime.internal.park.ParkStore;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The park stores of an instance, one per handler and broker, in {@code park/<handler>/<broker>} of the data directory;
 * and what is wrong with them.
 */
final class ParkStores {

    private static final Logger LOG = LoggerFactory.getLogger(ParkStores.class);

    private static final String DIRECTORY = "park";
    private static final int MAX_FINDINGS = 20;

    /** Copied per look of the housekeeping: as much as a slow disk takes in some tens of milliseconds. */
    private static final int COMPACT_BYTES = 4 << 20;

    private final Path directory;
    private final StoreId storeId;
    private final ParkSettings settings;
    private final TreeMap<String, ParkStore> stores = new TreeMap<>();
    private final List<String> findings = new ArrayList<>();
    private boolean isClosed;

    ParkStores(Path dataDirectory, StoreId storeId, ParkSettings settings) {
        this.directory = dataDirectory.resolve(DIRECTORY);
        this.storeId = storeId;
        this.settings = settings;
    }

    /** The store of a handler on a broker; read now if there is one, made when it is needed if not. */
    LaneParking of(String handler, String broker, EnvelopeReader reader, InstantSource clock) {
        var path = directory.resolve(handler).resolve(URLEncoder.encode(broker, StandardCharsets.UTF_8));
        var name = handler + " on " + broker;
        Supplier<ParkStore> opening = () -> open(name, path);
        return new LaneParking(Files.isDirectory(path) ? opening.get() : null, opening, reader, clock);
    }

    private ParkStore open(String name, Path path) {
        synchronized (stores) {
            if (isClosed) {
                throw new OutboxException("the instance is closed, nothing more can be parked for " + name);
            }
            return stores.computeIfAbsent(
                    name,
                    n -> ParkStore.open(
                            path,
                            storeId,
                            settings,
                            (index, why) -> note("entry " + Long.toHexString(index) + " of the parked events of "
                                    + name + " is damaged (" + why
                                    + "): what it was may be lost; look after the disk, and verify the target")));
        }
    }

    /** Gives space back, a little per call. */
    void compact() {
        opened().values().forEach(store -> store.compact(COMPACT_BYTES));
    }

    /** What is not well, a line each. */
    List<String> problems() {
        List<String> problems;
        synchronized (findings) {
            problems = new ArrayList<>(findings);
        }
        opened().forEach((name, store) -> {
            store.failure().ifPresent(why -> problems.add("parked events of " + name + ": " + why));
            if (store.isFull()) {
                problems.add("parked events of " + name + " take " + store.liveBytes()
                        + " bytes, more than is allowed: its intake pauses; mend what fails, or give events up");
            }
        });
        return problems;
    }

    private Map<String, ParkStore> opened() {
        synchronized (stores) {
            return new TreeMap<>(stores);
        }
    }

    void close() {
        synchronized (stores) {
            isClosed = true;
            stores.values().forEach(ParkStore::close);
        }
    }

    private void note(String finding) {
        LOG.error("{}", finding);
        synchronized (findings) {
            if (findings.size() < MAX_FINDINGS) {
                findings.add(finding);
            }
        }
    }
}
