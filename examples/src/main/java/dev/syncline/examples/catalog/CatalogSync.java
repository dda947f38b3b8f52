package dev.syncline.examples.catalog;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.SyncException;
import dev.syncline.runtime.Health;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.BrokerAddress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

/**
 * Keeps a shop in step with a product catalogue, and proves it: feeds the changes, waits until all is quiet, compares both
 * systems row by row. {@code --help} explains the options.
 *
 * <p>Everything that matters to a user of Syncline stands in {@link #start}; the rest is the two systems and the proof.
 */
final class CatalogSync {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final int DIFFERENCES_SHOWN = 10;
    private static final String PARTITIONS = "4";

    private final Options options;
    private final PrintStream out;
    private final PrintStream err;
    private final Duration patience;

    private CatalogSync(Options options, PrintStream out, PrintStream err, Duration patience) {
        this.options = options;
        this.out = out;
        this.err = err;
        this.patience = patience;
    }

    public static void main(String[] arguments) {
        int code = run(System.out, System.err, PATIENCE, arguments);
        if (code != 0) {
            System.exit(code);
        }
        // Otherwise the JVM ends by itself: nothing of Syncline is left that would keep it.
    }

    /**
     * Does what the command line asks for.
     *
     * @param patience how long nothing may move before it gives up
     * @return the exit code
     */
    static int run(PrintStream out, PrintStream err, Duration patience, String... arguments) {
        try {
            var options = Options.parse(arguments);
            if (options.help()) {
                out.print(Options.HELP);
                return 0;
            }
            try (var directory = DataDirectory.open(options.data())) {
                return new CatalogSync(options, out, err, patience).run(directory.path());
            }
        } catch (UsageException | ConfigurationException wrong) {
            err.println("catalog-sync: " + wrong.getMessage());
            err.println("catalog-sync --help explains the options");
            return 2;
        } catch (SyncException | SQLException | IOException | IllegalStateException failed) {
            err.println("catalog-sync: " + failed.getMessage());
            return 1;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            err.println("catalog-sync: interrupted");
            return 1;
        }
    }

    private int run(Path directory) throws IOException, SQLException, InterruptedException {
        var run = Run.of(directory, options.seed(), options.brokerName());
        try (var catalog = Catalog.open(directory, new ChangeGenerator(run.seed()));
                var shop = Shop.open(directory)) {
            if (catalog.lastNumber() > options.events()) {
                throw new UsageException(
                        "this --data holds " + catalog.lastNumber() + " changes; --events must be that or more");
            }
            var handler = new ShopSync(shop);
            try (var sync = start(run, directory, handler)) {
                sync.describe().lines().filter(line -> line.contains("→")).forEach(out::println);
                out.println(options.events() + " changes of seed " + run.seed() + " over " + run.broker() + ", data in "
                        + directory);
                var feed = new Feed(catalog, sync.publisher(), options.events(), options.rate());
                if (!awaitEnd(sync, feed, handler, catalog, shop)) {
                    return 1;
                }
            }
            return compare(catalog, shop);
        }
    }

    /** What a user of Syncline writes. */
    private Sync start(Run run, Path directory, ShopSync handler) {
        return Sync.builder("catalog-sync-" + run.id())
                .broker("default", options.broker(), brokerOptions(run))
                .route(Product.EVENTS, "default", "catalog.product." + run.id())
                .dataDirectory(directory.resolve("syncline"))
                .handlers(handler)
                .mappers(new ShopMappers())
                .start();
    }

    /** Each data directory has a topic of its own, so it is made here; elsewhere topics are made by who runs the broker. */
    private Map<String, String> brokerOptions(Run run) {
        return switch (BrokerAddress.parse(options.broker()).scheme()) {
            case "kafka" ->
                Map.of(
                        "topics.create",
                        "true",
                        "topics.partitions",
                        PARTITIONS,
                        // One process per directory: started again, it is the member that died and need not wait for
                        // its end.
                        "group.instance.id",
                        "catalog-sync-" + run.id());
            case "redis", "rediss" -> Map.of("topics.create", "true", "topics.partitions", PARTITIONS);
            default -> Map.of();
        };
    }

    /**
     * Feeds, and waits until both systems are equal. Quiet alone is not the end: after a kill the broker may still hold
     * partitions for the process that died, and nobody reads them until then.
     *
     * @return false if it got stuck before all was quiet; otherwise there is nothing to wait for
     */
    private boolean awaitEnd(Sync sync, Feed feed, ShopSync handler, Catalog catalog, Shop shop)
            throws SQLException, InterruptedException {
        var progress = new Progress(options.events(), patience, System.nanoTime());
        try (var feeding = Feeding.start(feed)) {
            while (true) {
                boolean isQuiet = feeding.isDone(TICK) && isQuiet(sync);
                var health = sync.health();
                var sample = Progress.Sample.of(feed, handler, health);
                long now = System.nanoTime();
                progress.line(sample, now).ifPresent(out::println);
                if (isQuiet && Comparison.of(catalog.products(), shop.items()).isInSync()) {
                    return true;
                }
                if (progress.isStuck(sample, now)) {
                    tellWhy(health);
                    return isQuiet;
                }
            }
        }
    }

    private static boolean isQuiet(Sync sync) {
        try {
            sync.awaitQuiet(TICK);
        } catch (IllegalStateException notYet) {
            return false;
        }
        // Blocked keys do not count as open there; here each of them is a row that is not what it should be.
        return sync.health().handlers().values().stream()
                .allMatch(handler -> handler.blockedKeys().isEmpty());
    }

    private void tellWhy(Health health) {
        err.println("nothing has moved for " + patience.toSeconds() + " s:");
        health.problems().forEach(problem -> err.println("  " + problem));
        health.handlers().values().stream()
                .flatMap(handler -> handler.blockedKeys().stream())
                .limit(DIFFERENCES_SHOWN)
                .forEach(blocked -> err.println("  " + blocked));
    }

    private int compare(Catalog catalog, Shop shop) throws SQLException {
        var comparison = Comparison.of(catalog.products(), shop.items());
        comparison.differences().stream().limit(DIFFERENCES_SHOWN).forEach(err::println);
        if (comparison.differences().size() > DIFFERENCES_SHOWN) {
            err.println("and " + (comparison.differences().size() - DIFFERENCES_SHOWN) + " more");
        }
        out.printf(
                "in sync: %d events, %d missing, %d extra, %d stale%n",
                catalog.lastNumber(), comparison.missing(), comparison.extra(), comparison.stale());
        return comparison.isInSync() ? 0 : 1;
    }
}
