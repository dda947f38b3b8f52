package dev.syncline.runtime.internal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.ConfigurationException;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {

    @TempDir
    Path directory;

    /** Holds a directory until it is killed; says so, or why not. */
    public static final class Holder {

        public static void main(String[] args) throws Exception {
            try {
                var lock = DirectoryLock.acquire(Path.of(args[0]), "holder");
                System.out.println("held " + lock.storeId());
                Thread.currentThread().join();
            } catch (ConfigurationException e) {
                System.out.println("refused " + e.getMessage());
            }
        }
    }

    @Test
    void directoryIsMadeForItsOwnerOnlyAndKeepsItsId() throws IOException {
        var data = directory.resolve("a/b");
        StoreId id;
        try (var lock = DirectoryLock.acquire(data, "shop")) {
            id = lock.storeId();
            assertThat(lock.directory()).isEqualTo(data.toRealPath());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                    .isEqualTo("rwx------");
        }
        try (var lock = DirectoryLock.acquire(data, "shop")) {
            assertThat(lock.storeId()).isEqualTo(id);
        }
        try (var lock = DirectoryLock.acquire(directory.resolve("c"), "shop")) {
            assertThat(lock.storeId()).isNotEqualTo(id);
        }
    }

    @Nested
    class InOneJvm {

        @Test
        void s14_secondIsRefusedAndToldWhoHolds() {
            try (var lock = DirectoryLock.acquire(directory, "shop")) {
                assertThatThrownBy(() -> DirectoryLock.acquire(directory, "other"))
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContaining("in use by application shop, process "
                                + ProcessHandle.current().pid())
                        .hasMessageContaining("this very JVM")
                        .hasMessageContaining(lock.directory().toString());
            }
            DirectoryLock.acquire(directory, "other").close();
        }

        @Test
        void s14_otherNameOfTheSameDirectoryIsTheSame() throws IOException {
            var link = Files.createSymbolicLink(directory.resolveSibling(directory.getFileName() + "-link"), directory);
            try (var lock = DirectoryLock.acquire(directory, "shop")) {
                assertThat(lock.directory()).isNotNull();
                assertThatThrownBy(() -> DirectoryLock.acquire(link, "other"))
                        .isInstanceOf(ConfigurationException.class);
            } finally {
                Files.delete(link);
            }
        }

        /** Two web applications of one server have two copies of our classes. */
        @Test
        void s14_instanceOfAnotherClassLoaderIsSeen() throws Exception {
            var urls = new ArrayList<URL>();
            for (var entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                urls.add(Path.of(entry).toUri().toURL());
            }
            try (var lock = DirectoryLock.acquire(directory, "shop");
                    var loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
                assertThat(lock.directory()).isNotNull();
                var other = loader.loadClass(DirectoryLock.class.getName());
                var acquire = other.getMethod("acquire", Path.class, String.class);
                assertThatThrownBy(() -> acquire.invoke(null, directory, "other"))
                        .cause()
                        .hasMessageContaining("in use by application shop");
            }
        }

        /** POSIX drops a process's locks on a file when any of its descriptors of the file is closed. */
        @Test
        void s14_refusedAttemptDoesNotBreakTheLockAgainstOthers() throws Exception {
            try (var lock = DirectoryLock.acquire(directory, "shop")) {
                assertThat(lock.directory()).isNotNull();
                assertThatThrownBy(() -> DirectoryLock.acquire(directory, "other"))
                        .isNotNull();
                try (var child = ChildJvm.start(List.of(), Holder.class, directory)) {
                    assertThat(child.line())
                            .startsWith("refused")
                            .contains("process " + ProcessHandle.current().pid());
                }
            }
        }

        @Test
        void s14_ofManyAtOnceOneGetsIt() throws Exception {
            for (int round = 0; round < 20; round++) {
                var start = new CountDownLatch(1);
                var won = new AtomicInteger();
                var locks = new ArrayList<DirectoryLock>();
                var threads = new ArrayList<Thread>();
                for (int i = 0; i < 4; i++) {
                    var thread = new Thread(() -> {
                        try {
                            start.await();
                            var lock = DirectoryLock.acquire(directory, "shop");
                            won.incrementAndGet();
                            synchronized (locks) {
                                locks.add(lock);
                            }
                        } catch (ConfigurationException | InterruptedException e) {
                            // not the one
                        }
                    });
                    thread.start();
                    threads.add(thread);
                }
                start.countDown();
                for (var thread : threads) {
                    thread.join();
                }
                assertThat(won).hasValue(1);
                locks.forEach(DirectoryLock::close);
            }
        }
    }

    @Nested
    class BetweenProcesses {

        @Test
        void s14_secondIsToldWhoHoldsAndGetsItWhenThatOneIsKilled() throws Exception {
            try (var child = ChildJvm.start(List.of(), Holder.class, directory)) {
                var held = Objects.requireNonNull(child.line());
                assertThat(held).startsWith("held");

                assertThatThrownBy(() -> DirectoryLock.acquire(directory, "shop"))
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContaining("in use by application holder, process " + child.pid() + " on ")
                        .hasMessageContaining("another directory");

                child.kill();
                try (var lock = DirectoryLock.acquire(directory, "shop")) {
                    assertThat(held).isEqualTo("held " + lock.storeId());
                }
            }
        }
    }

    @Nested
    class Input60_TheIdentityFile {

        private Path file() {
            return directory.resolve("store.id");
        }

        @Test
        void s28_newerFormatIsRefused() throws IOException {
            Files.writeString(file(), "syncline-store 2\nid 0123456789abcdef0123456789abcdef\n");

            assertThatThrownBy(() -> DirectoryLock.acquire(directory, "shop"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("syncline-store 2")
                    .hasMessageContaining("newer release");
            assertThatThrownBy(() -> DirectoryLock.acquire(directory, "shop"))
                    .as("the refused attempt let go")
                    .hasMessageContaining("newer release");
        }

        @Test
        void damagedIdIsRefusedNotReplaced() throws IOException {
            Files.writeString(file(), "syncline-store 1\nid 0123\n");

            assertThatThrownBy(() -> DirectoryLock.acquire(directory, "shop"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("restore it");
            assertThat(file()).content().contains("id 0123\n");
        }

        @Test
        void laterLinesAreNoHindrance() throws IOException {
            Files.writeString(file(), "syncline-store 1\nid 0123456789abcdef0123456789abcdef\nlabel west\n");
            try (var lock = DirectoryLock.acquire(directory, "shop")) {
                assertThat(lock.storeId()).hasToString("0123456789abcdef0123456789abcdef");
            }
        }
    }

    @Test
    void directoryThatCannotBeMadeIsNamed() throws IOException {
        var file = Files.createFile(directory.resolve("file"));

        assertThatThrownBy(() -> DirectoryLock.acquire(file.resolve("data"), "shop"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("write permission");
    }
}
