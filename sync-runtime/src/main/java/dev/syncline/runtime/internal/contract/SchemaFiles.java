package dev.syncline.runtime.internal.contract;

import dev.syncline.api.ContractException;
import dev.syncline.spi.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where schemas are: {@code <type>/<version>.json} in a directory if one is set, else below
 * {@code META-INF/syncline/schemas/} on the class path. Never anywhere else, whatever an event or a schema names.
 */
final class SchemaFiles {

    static final String ON_CLASS_PATH = "META-INF/syncline/schemas/";

    private static final int MAX_BYTES = 1 << 20;
    private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
    private static final int MAX_TYPE = 200;

    private final @Nullable Path directory;
    private final List<ClassLoader> loaders;

    SchemaFiles(@Nullable Path directory, List<ClassLoader> loaders) {
        this.directory = directory;
        this.loaders = List.copyOf(loaders);
    }

    /** The text of a schema, null if there is none. */
    @Nullable
    Bytes find(String type, int version) {
        if (type.length() > MAX_TYPE || !TYPE.matcher(type).matches()) {
            return null; // no file can be named so, and no path may be made of it
        }
        var name = type + "/" + version + ".json";
        try {
            var inDirectory = directory == null ? null : directory.resolve(name);
            if (inDirectory != null && Files.isRegularFile(inDirectory)) {
                try (var in = Files.newInputStream(inDirectory)) {
                    return read(in);
                }
            }
            for (var loader : loaders) {
                try (var in = loader.getResourceAsStream(ON_CLASS_PATH + name)) {
                    if (in != null) {
                        return read(in);
                    }
                }
            }
            return null;
        } catch (IOException unreadable) {
            throw new ContractException(
                    "contract.unusable", "schema " + name + " cannot be read: " + unreadable, unreadable);
        }
    }

    private static Bytes read(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw new IOException("it is longer than " + MAX_BYTES + " bytes");
        }
        return Bytes.wrap(bytes);
    }
}
