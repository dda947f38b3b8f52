package dev.syncline.runtime.internal.log;

import dev.syncline.api.ConfigurationException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the three packages of the JDK that Chronicle needs, where they are closed. A library cannot set the flags of
 * its host, and without them Chronicle fails, or worse, opens read-only without a word.
 *
 * <p>The way in is the one that Chronicle itself lives on, {@code sun.misc.Unsafe}, so it works exactly as long as
 * Chronicle does. The system property {@value #PROPERTY}{@code =false} forbids it; then the flags are asked for.
 */
public final class JdkPackages {

    /** System property; {@code false} forbids to open packages of the JDK. */
    public static final String PROPERTY = "syncline.jdk.open";

    private static final String OPENED = "java.lang.reflect";
    private static final List<String> EXPORTED = List.of("sun.nio.ch", "jdk.internal.ref");

    /** One class of each Chronicle jar that reaches into the JDK: as modules they may be several. */
    private static final List<String> USERS = List.of(
            "net.openhft.chronicle.core.Jvm",
            "net.openhft.chronicle.bytes.Bytes",
            "net.openhft.chronicle.wire.Wire",
            "net.openhft.chronicle.queue.ChronicleQueue");

    /** The first release that writes a warning when Unsafe is used, unless a flag allows it. */
    private static final int WARNS_OF_UNSAFE = 24;

    private static final Logger LOG = LoggerFactory.getLogger(JdkPackages.class);

    private JdkPackages() {}

    /** Why the packages cannot be used, as far as this can be told without opening them; empty if they can. */
    public static Optional<String> problem() {
        return isForbidden() && !areOpen(users())
                ? Optional.of(closed("opening them is forbidden by -D" + PROPERTY + "=false"))
                : Optional.empty();
    }

    /**
     * Sees to it that the packages are open.
     *
     * @throws ConfigurationException if they are closed and must not or cannot be opened
     */
    static void open() {
        var users = users();
        if (areOpen(users)) {
            return;
        }
        if (isForbidden()) {
            throw new ConfigurationException(closed("opening them is forbidden by -D" + PROPERTY + "=false"));
        }
        try {
            openTo(users);
        } catch (Throwable e) {
            throw new ConfigurationException(closed("opening them failed: " + e), e);
        }
        LOG.info(
                "opened packages {}, {} of java.base for the outbox; {} makes this unnecessary, -D{}=false forbids it",
                OPENED,
                String.join(", ", EXPORTED),
                flags(),
                PROPERTY);
    }

    private static boolean isForbidden() {
        return "false".equalsIgnoreCase(System.getProperty(PROPERTY));
    }

    private static Set<Module> users() {
        var modules = new LinkedHashSet<Module>();
        for (var user : USERS) {
            try {
                modules.add(Class.forName(user, false, JdkPackages.class.getClassLoader())
                        .getModule());
            } catch (ClassNotFoundException e) {
                throw new ConfigurationException(
                        "class " + user + " is missing: chronicle-queue is not on the class path as it should be", e);
            }
        }
        return modules;
    }

    private static boolean areOpen(Set<Module> users) {
        var base = Object.class.getModule();
        return users.stream()
                .allMatch(user ->
                        base.isOpen(OPENED, user) && EXPORTED.stream().allMatch(name -> base.isExported(name, user)));
    }

    private static void openTo(Set<Module> users) throws Throwable {
        var lookup = trustedLookup();
        var type = MethodType.methodType(void.class, String.class, Module.class);
        MethodHandle opens = lookup.findVirtual(Module.class, "implAddOpens", type);
        MethodHandle exports = lookup.findVirtual(Module.class, "implAddExports", type);
        var base = Object.class.getModule();
        for (var user : users) {
            opens.invoke(base, OPENED, user);
            for (var name : EXPORTED) {
                exports.invoke(base, name, user);
            }
        }
    }

    /** By reflection, because {@code sun.misc.Unsafe} cannot be named without a warning. */
    private static MethodHandles.Lookup trustedLookup() throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field instance = type.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        Object unsafe = instance.get(null);
        Field trusted = MethodHandles.Lookup.class.getDeclaredField("IMPL_LOOKUP");
        Object base = type.getMethod("staticFieldBase", Field.class).invoke(unsafe, trusted);
        Object offset = type.getMethod("staticFieldOffset", Field.class).invoke(unsafe, trusted);
        return (MethodHandles.Lookup)
                type.getMethod("getObject", Object.class, long.class).invoke(unsafe, base, offset);
    }

    private static String flags() {
        var flags = new ArrayList<String>();
        flags.add("--add-opens=java.base/" + OPENED + "=ALL-UNNAMED");
        for (var name : EXPORTED) {
            flags.add("--add-exports=java.base/" + name + "=ALL-UNNAMED");
        }
        if (Runtime.version().feature() >= WARNS_OF_UNSAFE) {
            flags.add("--sun-misc-unsafe-memory-access=allow");
        }
        return String.join(" ", flags);
    }

    private static String closed(String why) {
        return "the outbox needs packages of the JDK that are closed, and " + why + ". Give the JVM these flags: "
                + flags() + "\n"
                + "    java: on the command line, before -jar or the main class\n"
                + "    anywhere: in the environment variable JDK_JAVA_OPTIONS, in a Dockerfile as ENV JDK_JAVA_OPTIONS=\"…\"\n"
                + "    Maven Surefire: <argLine>…</argLine>; Gradle: jvmArgs(…) of the run and test tasks\n"
                + "    a jar started with java -jar: in its manifest Add-Opens: java.base/" + OPENED
                + " and Add-Exports: "
                + "java.base/" + String.join(" java.base/", EXPORTED);
    }
}
