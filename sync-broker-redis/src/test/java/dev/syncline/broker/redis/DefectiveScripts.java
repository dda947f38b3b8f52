package dev.syncline.broker.redis;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The adapter and its tests once more, with a script that is not as it is shipped; all else comes from the usual loader. */
final class DefectiveScripts extends ClassLoader {

    static {
        registerAsParallelCapable();
    }

    private static final String PACKAGE = DefectiveScripts.class.getPackageName() + ".";

    private final String changed;
    private final UnaryOperator<String> change;

    /**
     * @param file of the script, without its directory
     * @param change what becomes of its text
     */
    DefectiveScripts(String file, UnaryOperator<String> change) {
        super(DefectiveScripts.class.getClassLoader());
        this.changed = PACKAGE.replace('.', '/') + file;
        this.change = change;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(PACKAGE)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            var loaded = findLoadedClass(name);
            if (loaded == null) {
                byte[] bytes = bytes(name.replace('.', '/') + ".class");
                if (bytes == null) {
                    throw new ClassNotFoundException(name);
                }
                loaded = defineClass(name, bytes, 0, bytes.length);
            }
            return loaded;
        }
    }

    @Override
    public @Nullable InputStream getResourceAsStream(String name) {
        byte[] bytes = name.equals(changed) ? bytes(name) : null;
        return bytes == null
                ? super.getResourceAsStream(name)
                : new ByteArrayInputStream(
                        change.apply(new String(bytes, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
    }

    private byte @Nullable [] bytes(String resource) {
        try (var in = getParent().getResourceAsStream(resource)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
