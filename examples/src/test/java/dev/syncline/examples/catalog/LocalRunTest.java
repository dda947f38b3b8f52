package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalRunTest {

    @TempDir
    Path directory;

    @Test
    void withoutOptionsTenThousandChangesEndInSyncAndNothingIsLeft() throws Exception {
        try (var child = Child.startInTemporary(directory)) {
            child.assertEndsInSync(10_000);
        }

        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void theApplicationKilledTwiceEndsInSync() {
        ApplicationKilledTwice.on(directory, "local:");
    }

    @Test
    void aRunThatIsOverEndsInSyncAgain() {
        try (var first = Child.start(directory, "local:", "--events", "500")) {
            first.assertEndsInSync(500);
        }
        try (var again = Child.start(directory, "local:", "--events", "500")) {
            again.assertEndsInSync(500);
        }
        try (var more = Child.start(directory, "local:", "--events", "800")) {
            more.assertEndsInSync(800);
        }
    }
}
