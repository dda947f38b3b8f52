package dev.syncline.examples.catalog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The source system: products in memory, and in a file the number of the last change, which survives the death of the
 * process. Opened again, it makes its changes once more up to that number; each is a function of what was before, so the
 * products are the same. (A real one has a database; to this one its generator is one.)
 *
 * <p>Threading: one thread at a time.
 */
final class Catalog implements AutoCloseable {

    private final ChangeGenerator generator;
    private final FileChannel progress;
    private final Map<String, Product> products = new HashMap<>();
    private @Nullable CatalogChange last;

    private Catalog(ChangeGenerator generator, FileChannel progress) {
        this.generator = generator;
        this.progress = progress;
    }

    /** Opens the catalogue in this directory, or makes an empty one. */
    static Catalog open(Path directory, ChangeGenerator generator) throws IOException {
        var progress = FileChannel.open(
                directory.resolve("catalog.progress"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        var catalog = new Catalog(generator, progress);
        var number = ByteBuffer.allocate(Long.BYTES);
        long made = progress.read(number, 0) == Long.BYTES ? number.getLong(0) : 0;
        while (catalog.lastNumber() < made) {
            catalog.keep(catalog.next());
        }
        return catalog;
    }

    /** Makes the next change; it will not be forgotten once this returns. */
    CatalogChange change() throws IOException {
        var change = next();
        // One write of eight bytes: a killed process has done it or not.
        progress.write(ByteBuffer.allocate(Long.BYTES).putLong(0, change.number()), 0);
        keep(change);
        return change;
    }

    /** The change that was made last; null if there was none. */
    @Nullable
    CatalogChange last() {
        return last;
    }

    /** How many changes were made. */
    long lastNumber() {
        return last == null ? 0 : last.number();
    }

    /** All products by number. */
    Map<String, Product> products() {
        return Map.copyOf(products);
    }

    @Override
    public void close() throws IOException {
        progress.close();
    }

    private CatalogChange next() {
        long number = lastNumber() + 1;
        return generator.change(number, products.get(generator.skuOf(number)));
    }

    private void keep(CatalogChange change) {
        if (change instanceof CatalogChange.Put put) {
            products.put(put.sku(), put.product());
        } else {
            products.remove(change.sku());
        }
        last = change;
    }
}
