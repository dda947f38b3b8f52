package dev.syncline.examples.catalog;

import dev.syncline.api.ConfigurationException;
import dev.syncline.api.SyncException;
import dev.syncline.runtime.Health;
import dev.syncline.runtime.Sync;
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

    private CatalogSync(Options options, PrintStream out, PrintStream err) {
        this.options = options;
        this.out = out;
        this.err = err;
    }

    public static void main(String[] arguments) {
        int code = run(System.out, System.err, arguments);
        if (code != 0) {
            System.exit(code);
        }
        // Otherwise the JVM ends by itself: nothing of Syncline is left that would keep it.
    }

    /** As the command line does, for tests too; returns the exit code. */
    static int run(PrintStream out, PrintStream err, String... arguments) {
        try {
            var options = Options.parse(arguments);
            if (options.help()) {
                out.print(Options.HELP);
                return 0;
            }
            try (var directory = DataDirectory.open(options.data())) {
                return new CatalogSync(options, out, err).run(directory.path());
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
                out.println(options.events() + " changes of seed " + run.seed() + " over " + run.broker() + ", data in "
                        + directory);
                var feed = new Feed(catalog, sync.publisher(), options.events(), options.rate());
                if (!awaitEnd(sync, feed, handler)) {
                    return 1;
                }
            }
            return compare(catalog, shop);
        }
    }

    /** What a user of Syncline writes. */
    private Sync start(Run run, Path directory, ShopSync handler) {
        return Sync.builder("catalog-sync-" + run.id())
                .broker("default", options.broker(), brokerOptions())
                .route("catalog.product.*", "default", "catalog.product." + run.id())
                .dataDirectory(directory.resolve("syncline"))
                .handlers(handler)
                .mappers(new ShopMappers())
                .start();
    }

    private Map<String, String> brokerOptions() {
        return options.broker().startsWith("local:")
                ? Map.of()
                : Map.of("topics.create", "true", "topics.partitions", PARTITIONS);
    }

    /** Feeds and waits until nothing is on its way any more; false if it got stuck. */
    private boolean awaitEnd(Sync sync, Feed feed, ShopSync handler) throws InterruptedException {
        var progress = new Progress(options.events(), PATIENCE, System.nanoTime());
        try (var feeding = Feeding.start(feed)) {
            while (true) {
                boolean done = feeding.isDone(TICK) && isQuiet(sync);
                var health = sync.health();
                var sample = Progress.Sample.of(feed, handler, health);
                long now = System.nanoTime();
                progress.line(sample, now).ifPresent(out::println);
                if (done) {
                    return true;
                }
                if (progress.isStuck(sample, now)) {
                    tellWhy(health);
                    return false;
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
        err.println("nothing has moved for " + PATIENCE.toSeconds() + " s:");
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
