package dev.syncline.runtime.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.ConfigurationException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the log opens in a JVM with and without flags; each in a JVM of its own, because packages stay open. */
class JdkPackagesTest {

    private static final List<String> FLAGS = List.of(
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED");
    private static final String FORBIDDEN = "-D" + JdkPackages.PROPERTY + "=false";

    @TempDir
    Path directory;

    /** Opens a log, appends and reads; then names the threads that are there. */
    public static final class Program {

        public static void main(String[] args) {
            System.out.println("problem: " + JdkPackages.problem().isPresent());
            try (var log = ChronicleEventLog.open(Path.of(args[0]), LogSettings.ofBlock(64 << 10));
                    var reader = log.newReader()) {
                log.append(new byte[] {1, 2, 3}, 0, 3);
                System.out.println(reader.next() + " of " + reader.length());
            } catch (ConfigurationException e) {
                System.out.println("refused: " + e.getMessage());
            }
            Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> !thread.isDaemon() && thread != Thread.currentThread())
                    .forEach(thread -> System.out.println("thread " + thread.getName()));
            System.out.println("end");
        }
    }

    private List<String> run(List<String> flags) throws Exception {
        var logged = new ArrayList<>(flags);
        logged.add("-Dlogback.configurationFile=logback-info.xml");
        try (var child = ChildJvm.start(logged, Program.class, directory)) {
            var lines = child.lines();
            assertThat(child.exitCode()).isZero();
            return lines.stream().filter(line -> !isOfTheJvm(line)).toList();
        }
    }

    /** From 24 on the JVM itself complains of Unsafe, on which Chronicle lives. */
    private static boolean isOfTheJvm(String line) {
        return line.startsWith("WARNING: ");
    }

    @Test
    void withoutAnyFlagItOpensThePackagesAndSaysSoInOneLine() throws Exception {
        var lines = run(List.of());

        assertThat(lines).contains("problem: false", "ENTRY of 3", "end");
        assertThat(lines.stream().filter(line -> line.contains(JdkPackages.class.getSimpleName())))
                .singleElement()
                .asString()
                .startsWith("INFO ")
                .contains(FLAGS)
                .contains(FORBIDDEN);
    }

    @Test
    void isQuiet() throws Exception {
        var lines = run(List.of());

        assertThat(lines)
                .as("nothing but ours, and Chronicle's one line on where it comes from")
                .hasSize(5)
                .noneMatch(line -> line.startsWith("WARN") || line.startsWith("ERROR") || line.startsWith("thread"));
    }

    @Test
    void withTheFlagsItOpensNothing() throws Exception {
        var flags = new ArrayList<>(FLAGS);
        flags.add(FORBIDDEN);

        var lines = run(flags);

        assertThat(lines).contains("problem: false", "ENTRY of 3");
        assertThat(lines).noneMatch(line -> line.contains(JdkPackages.class.getSimpleName()));
    }

    @Test
    void whereItIsForbiddenTheErrorCarriesTheFlags() throws Exception {
        var lines = run(List.of(FORBIDDEN));

        assertThat(lines).contains("problem: true").doesNotContain("ENTRY of 3");
        assertThat(String.join("\n", lines))
                .contains("refused: ")
                .contains(FLAGS)
                .contains("JDK_JAVA_OPTIONS", "Surefire", "Gradle", "Dockerfile", "Add-Opens");
    }

    @Test
    void oneOfTheFlagsIsNotEnough() throws Exception {
        assertThat(run(List.of(FORBIDDEN, FLAGS.get(0))))
                .contains("problem: true")
                .doesNotContain("ENTRY of 3");
    }
}
