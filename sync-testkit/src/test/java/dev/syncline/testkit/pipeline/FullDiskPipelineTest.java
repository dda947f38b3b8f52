package dev.syncline.testkit.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Event;
import dev.syncline.api.OutboxFullException;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.Sync;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.Defect.RawHeader;
import dev.syncline.spi.TopicPartition;
import dev.syncline.testkit.InMemoryBroker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole pipeline on a file system that fills up under it, in a mount of its own that ends with the child process:
 * publishing, inbox, positions of {@code local:} and parking. Where the machine gives nobody a mount of his own, the test
 * says so and does nothing.
 */
class FullDiskPipelineTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    /** Fills the disk while events are published, come in, and are to be parked; then makes room. */
    public static final class Program {

        private static final int EVENTS = 2_000;
        private static final int KEYS = 400;

        /** Keys whose first event is a dead letter. */
        private static final int REFUSED = 20;

        private static final TopicPartition TOPIC = new TopicPartition("partner.item", 0);

        private final Path disk;
        private final Path filler;
        private final InMemoryBroker broker = new InMemoryBroker();
        private final Queue<String> local = new ConcurrentLinkedQueue<>();
        private final Queue<String> foreign = new ConcurrentLinkedQueue<>();
        private final Set<String> accepted = ConcurrentHashMap.newKeySet();
        private int published;
        private int stored;

        private Program(Path disk) {
            this.disk = disk;
            this.filler = disk.resolve("filler");
            broker.createTopic("partner.item", 1);
        }

        public static void main(String[] args) throws Exception {
            new Program(Path.of(args[0])).run();
            System.out.println("end");
            System.exit(0);
        }

        private Sync start() {
            return Sync.builder("full")
                    .dataDirectory(disk.resolve("data"))
                    .broker(broker, "memory:")
                    .broker("home", "local:", Map.of())
                    .route("stock.item.*", "home", "stock.item")
                    .route("partner.item.*", "default", "partner.item")
                    .settings(Map.of("defaults.retry", "none", "defaults.retry-later", "1s"))
                    .handler("home", "stock.item.noted", (event, delivery) -> done(local, event))
                    .handler(
                            "partner",
                            "partner.item.noted",
                            (event, delivery) ->
                                    event.key().startsWith("x") ? Outcome.reject("not wanted") : done(foreign, event))
                    .start();
        }

        private static Outcome done(Queue<String> seen, Event<Map<String, Object>> event) {
            seen.add(event.key() + " " + event.payload().get("n"));
            return Outcome.done();
        }

        private void run() throws Exception {
            try (var sync = start()) {
                publish(sync, 200);
                store(200, "k");
                await("the first", () -> local.size() == 200 && foreign.size() == 200);

                fillUpTo(64L << 20);
                await("publish is refused as full", () -> isRefused(sync));
                store(EVENTS, "k");
                await("what comes while the reserve is touched", () -> foreign.size() == 200 + EVENTS);

                fillUpTo(0);
                await("publish is refused on a full disk", () -> isRefused(sync));
                store(EVENTS, "k");
                store(REFUSED, "x");
                store(REFUSED, "x");
                await("keys that wait in memory", () -> blocked(sync) == REFUSED);
                say("it says so", !sync.health().isUp());
                say("nothing is parked that is not forced", sync.deadLetters().count(Selection.all()) == 0);
                say(
                        "nothing is passed that is not parked",
                        broker.acknowledged("full.partner", TOPIC)
                                .filter(done -> done.position().major() >= 200 + 2 * EVENTS)
                                .isEmpty());

                Files.delete(filler);
                await("publish", () -> !isRefused(sync));
                publish(sync, 200);
                await("all", () -> local.size() >= accepted.size() && foreign.size() >= 200 + 2 * EVENTS);
                await("letters", () -> sync.deadLetters().count(Selection.all()) == REFUSED);
                sync.awaitQuiet(PATIENCE);
                await(
                        "health that names nothing but the letters",
                        () -> sync.health().problems().stream().allMatch(problem -> problem.contains("is blocked by")));
            }
            check();
            int before = local.size() + foreign.size();
            try (var sync = start()) {
                sync.awaitQuiet(PATIENCE);
                say("letters over a restart", sync.deadLetters().count(Selection.all()) == REFUSED);
            }
            say("nothing comes again", local.size() + foreign.size() == before);
        }

        private void check() {
            say("every accepted one is handled, no other is", Set.copyOf(local).equals(accepted));
            say("each once", local.size() == accepted.size() && foreign.size() == 200 + 2 * EVENTS);
            var wrong = new ArrayList<String>();
            var last = new HashMap<String, Integer>();
            for (var one : foreign) {
                var words = one.split(" ", 2);
                Integer n = Integer.valueOf(words[1]);
                var before = last.put(words[0], n);
                if (before != null && before >= n) {
                    wrong.add(one);
                }
            }
            say("in order per key", wrong.isEmpty());
        }

        private static int blocked(Sync sync) {
            return Objects.requireNonNull(sync.health().handlers().get("partner"))
                    .blockedKeys()
                    .size();
        }

        private void publish(Sync sync, int number) {
            for (int i = 0; i < number; i++) {
                publish(sync);
            }
        }

        private void publish(Sync sync) {
            var key = "k" + published % KEYS;
            int n = published++;
            sync.publisher()
                    .publish(Event.of("stock.item.noted", Map.of("n", n)).withKey(key));
            accepted.add(key + " " + n);
        }

        private boolean isRefused(Sync sync) {
            for (int i = 0; i < 50; i++) {
                try {
                    publish(sync);
                } catch (OutboxFullException full) {
                    return true;
                }
            }
            return false;
        }

        /** Events of another application come in. */
        private void store(int number, String prefix) {
            for (int i = 0; i < number; i++) {
                int n = stored++;
                var key = prefix + (prefix.equals("x") ? i : n % KEYS);
                var headers = new ArrayList<RawHeader>();
                Map.of(
                                "ce_specversion", "1.0",
                                "ce_id", "id" + n,
                                "ce_source", "crm",
                                "ce_type", "partner.item.noted",
                                "ce_partitionkey", key,
                                "content-type", "application/json")
                        .forEach((name, value) -> headers.add(new RawHeader(name, Bytes.utf8(value))));
                broker.store(TOPIC, Bytes.utf8(key), headers, Bytes.utf8("{\"n\":" + n + "}"));
            }
        }

        private void fillUpTo(long left) throws IOException {
            try (var file = FileChannel.open(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                var block = ByteBuffer.allocate(64 << 10);
                while (Files.getFileStore(disk).getUsableSpace() > left) {
                    file.write(block.clear());
                }
            } catch (IOException full) {
                if (left > 0) {
                    throw full;
                }
            }
        }

        private static void say(String what, boolean isRight) {
            System.out.println((isRight ? "right: " : "WRONG: ") + what);
        }

        private static void await(String what, Callable<Boolean> condition) {
            Awaitility.await(what).atMost(PATIENCE).until(condition);
        }
    }

    @Test
    void s3_s24_aDiskThatFillsUpUnderThePipelineLosesNothingAndItGoesOn() throws Exception {
        if (!canMount()) {
            System.out.println("FullDiskPipelineTest: no mounts for this user, nothing was tested");
            return;
        }
        var mount = "mount -t tmpfs -o size=320m syncline " + directory + " && exec \"$0\" \"$@\"";
        var child = new ProcessBuilder(
                        "unshare",
                        "--map-root-user",
                        "--mount",
                        "sh",
                        "-c",
                        mount,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        List<String> lines;
        try (var out = child.inputReader(StandardCharsets.UTF_8)) {
            lines = out.lines().toList();
        } finally {
            child.destroyForcibly();
        }
        assertThat(child.waitFor()).as("%s", String.join("\n", lines)).isZero();
        assertThat(lines).contains("end").noneMatch(line -> line.startsWith("WRONG"));
    }

    private static boolean canMount() throws InterruptedException {
        try {
            var probe = new ProcessBuilder("unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "x", "/mnt")
                    .redirectErrorStream(true)
                    .start();
            return probe.waitFor(30, TimeUnit.SECONDS) && probe.exitValue() == 0;
        } catch (IOException none) {
            return false;
        }
    }
}
