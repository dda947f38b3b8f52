package dev.syncline.runtime.internal.mutants;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.TypeResolutionStrategy;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;

/**
 * Everything of Syncline once more, its tests among it, with some classes changed as they are loaded: what is compiled and
 * shipped knows nothing of it. All else comes from the usual loader.
 */
final class PatchedClasses extends ClassLoader {

    private static final String OURS = "dev.syncline.";

    static {
        registerAsParallelCapable();
    }

    private final Map<String, byte[]> patched;

    private PatchedClasses(ClassLoader usual, Map<String, byte[]> patched) {
        super(usual);
        this.patched = patched;
    }

    /** With these patches. */
    static PatchedClasses with(Patch... patches) {
        var usual = PatchedClasses.class.getClassLoader();
        return new PatchedClasses(
                usual,
                Stream.of(patches)
                        .collect(Collectors.toMap(patch -> OURS + patch.target(), patch -> patch(usual, patch))));
    }

    private static byte[] patch(ClassLoader usual, Patch patch) {
        var files = ClassFileLocator.ForClassLoader.of(usual);
        var before = TypePool.Default.of(files).describe(OURS + patch.target()).resolve();
        return patch.change()
                .apply(new ByteBuddy().ignore(ElementMatchers.none()).redefine(before, files))
                .make(TypeResolutionStrategy.Disabled.INSTANCE, TypePool.Default.of(files))
                .getBytes();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        // classes of this package speak to the usual ones about what they found
        if (!name.startsWith(OURS) || name.startsWith(PatchedClasses.class.getPackageName() + '.')) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            var loaded = findLoadedClass(name);
            if (loaded == null) {
                byte[] bytes = bytes(name);
                loaded = defineClass(name, bytes, 0, bytes.length);
            }
            return loaded;
        }
    }

    private byte[] bytes(String name) throws ClassNotFoundException {
        var changed = patched.get(name);
        if (changed != null) {
            return changed;
        }
        try (var in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            return in.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
