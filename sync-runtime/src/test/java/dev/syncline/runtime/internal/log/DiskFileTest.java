package dev.syncline.runtime.internal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFileTest {

    @TempDir
    Path directory;

    @Test
    void plainChannelIsClosedByAnInterrupt() throws IOException {
        try (var channel =
                FileChannel.open(directory.resolve("file"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> channel.force(false)).isInstanceOf(ClosedByInterruptException.class);
            assertThat(channel.isOpen()).isFalse();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void interruptedThreadWritesReadsAndForces() throws IOException {
        var path = Files.createFile(directory.resolve("file"));
        try (var file = DiskFile.toWrite(path)) {
            Thread.currentThread().interrupt();
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), 2);
            file.force();
            var read = ByteBuffer.allocate(10);
            file.read(read, 3);
            file.truncate(5);

            assertThat(read.position()).isEqualTo(3);
            assertThat(path).hasBinaryContent(new byte[] {0, 0, 1, 2, 3});
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    /** One thread is interrupted again and again, which closes the channel under the other. */
    @Test
    void interruptsOfOneThreadDoNotDisturbAnother() throws Exception {
        var path = Files.createFile(directory.resolve("file"));
        var failure = new AtomicReference<Throwable>();
        var isDone = new AtomicBoolean();
        try (var file = DiskFile.toWrite(path)) {
            var victim = new Thread(() -> {
                while (!isDone.get() && failure.get() == null) {
                    try {
                        file.force();
                    } catch (IOException e) {
                        failure.set(e);
                    }
                }
            });
            victim.setDaemon(true); // ends with the test even where the test fails
            victim.start();
            var block = new byte[16 << 10];
            for (int i = 0; i < 500; i++) {
                victim.interrupt();
                Arrays.fill(block, (byte) i);
                file.write(ByteBuffer.wrap(block), (long) i * block.length);
                var read = ByteBuffer.allocate(block.length);
                file.read(read, (long) i * block.length);
                assertThat(read.array()).isEqualTo(block);
            }
            isDone.set(true);
            victim.join();
        }
        assertThat(failure).hasNullValue();
    }

    @Test
    void closedFileStaysClosed() throws IOException {
        var file = DiskFile.toRead(Files.createFile(directory.resolve("file")));
        file.close();
        file.close();

        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0)).isInstanceOf(ClosedChannelException.class);
    }
}
