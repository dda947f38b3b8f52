package dev.syncline.runtime.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.syncline.api.OutboxException;
import dev.syncline.spi.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class CursorFileTest {

    private static final Logger FILE_LOG = (Logger) LoggerFactory.getLogger(CursorFile.class);

    private static final Cursors SOME = Cursors.of(
            new Mark(new Position(83_562_883_712L, 1), 2041),
            Map.of(
                    new Destination("default", "catalog.product"), new Mark(new Position(83_562_883_700L, 0), 2029),
                    new Destination("two words", "a/b\n%\u00e9"), new Mark(new Position(83_562_883_712L, 1), 2041),
                    new Destination("", ""), new Mark(new Position(1, 2), 3)));

    @TempDir
    private Path directory;

    @BeforeEach
    void quiet() {
        FILE_LOG.setLevel(Level.OFF);
    }

    @AfterEach
    void loud() {
        FILE_LOG.setLevel(null);
    }

    @Test
    void whatWasSavedIsLoaded() {
        for (boolean force : new boolean[] {false, true}) {
            new CursorFile(directory, force).save(SOME);

            assertThat(new CursorFile(directory, force).load()).isEqualTo(SOME);
        }
    }

    @Test
    void nothingSavedIsNothingKnown() {
        assertThat(new CursorFile(directory, false).load()).isEqualTo(Cursors.NONE);
    }

    @Test
    void theLaterSaveCounts() {
        var file = new CursorFile(directory, false);
        file.save(SOME);
        file.save(Cursors.NONE);

        assertThat(file.load()).isEqualTo(Cursors.NONE);
    }

    /** Whatever became of it: everything is shipped once more, and nothing is skipped. */
    @Test
    void s1_aDamagedFileIsAsGoodAsNone() throws IOException {
        var file = new CursorFile(directory, false);
        file.save(SOME);
        var whole = Files.readAllBytes(path());
        for (int i = 0; i < whole.length; i++) {
            var damaged = whole.clone();
            damaged[i] ^= 1;
            assertNotLoaded(file, damaged);
            assertNotLoaded(file, Arrays.copyOf(whole, i));
        }
        assertNotLoaded(file, Arrays.copyOf(whole, whole.length + 7));
    }

    private void assertNotLoaded(CursorFile file, byte[] damaged) throws IOException {
        Files.write(path(), damaged);
        try {
            assertThat(file.load()).isEqualTo(Cursors.NONE);
        } catch (OutboxException versionDamaged) {
            assertThat(versionDamaged).hasMessageContaining("version");
        }
    }

    /** The file that was being written is another one. */
    @Test
    void aSaveThatWasCutShortLeavesTheOneBefore() throws IOException {
        var file = new CursorFile(directory, false);
        file.save(SOME);
        Files.writeString(directory.resolve(CursorFile.NAME + ".new"), "syncline relay cur");

        assertThat(file.load()).isEqualTo(SOME);
        file.save(SOME);
        assertThat(file.load()).isEqualTo(SOME);
    }

    @Test
    void s28_aNewerReleasesFileIsRefused() throws IOException {
        Files.writeString(path(), "syncline relay cursors 2\nwhatever\n");

        assertThatThrownBy(() -> new CursorFile(directory, false).load())
                .isInstanceOf(OutboxException.class)
                .hasMessageContaining("newer release")
                .hasMessageContaining(path().toString());
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsSaid() {
        var file = new CursorFile(directory.resolve("gone"), false);

        assertThatThrownBy(() -> file.save(SOME))
                .isInstanceOf(OutboxException.class)
                .hasMessageContaining("relay.cursors");
    }

    private Path path() {
        return directory.resolve(CursorFile.NAME);
    }
}
