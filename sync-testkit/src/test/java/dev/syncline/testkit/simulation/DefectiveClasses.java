package dev.syncline.testkit.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.TypeResolutionStrategy;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;

/** Everything of Syncline once more, with a defect; all else comes from the usual loader. */
final class DefectiveClasses extends ClassLoader {

    static {
        registerAsParallelCapable();
    }

    private final String changedName;
    private final byte[] changed;

    DefectiveClasses(Defect defect) {
        super(DefectiveClasses.class.getClassLoader());
        changedName = Defect.PACKAGE + defect.target();
        var files = ClassFileLocator.ForClassLoader.of(getParent());
        var before = TypePool.Default.of(files).describe(changedName).resolve();
        changed = defect.change()
                .apply(new ByteBuddy().ignore(ElementMatchers.none()).redefine(before, files))
                .make(TypeResolutionStrategy.Disabled.INSTANCE, TypePool.Default.of(files))
                .getBytes();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith("dev.syncline.")) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            var loaded = findLoadedClass(name);
            if (loaded == null) {
                byte[] bytes = name.equals(changedName) ? changed : bytes(name);
                loaded = defineClass(name, bytes, 0, bytes.length);
            }
            return loaded;
        }
    }

    private byte[] bytes(String name) throws ClassNotFoundException {
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
