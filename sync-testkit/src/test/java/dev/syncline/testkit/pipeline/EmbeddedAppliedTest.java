package dev.syncline.testkit.pipeline;

import dev.syncline.runtime.internal.dispatch.Applied;
import dev.syncline.runtime.internal.inbox.EmbeddedApplied;
import dev.syncline.runtime.internal.inbox.InboxAlarms;
import dev.syncline.runtime.internal.inbox.InboxDirectory;
import dev.syncline.runtime.internal.inbox.InboxSettings;
import dev.syncline.runtime.internal.inbox.OpenMarks;
import dev.syncline.runtime.internal.inbox.ShardedGuard;
import dev.syncline.runtime.internal.inbox.ShardedInbox;
import dev.syncline.testkit.conformance.AppliedConformance;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Inbox and guard on the disk of one instance. */
class EmbeddedAppliedTest extends AppliedConformance {

    private static final InboxAlarms NOBODY = new InboxAlarms() {
        @Override
        public void onDamaged(Path putAside, String why) {
            throw new AssertionError(why);
        }

        @Override
        public void onSecondOrigin(String topic, String key, String origin) {}
    };

    @TempDir
    Path data;

    private EmbeddedApplied opened;

    @Override
    protected Applied open() {
        return reopen();
    }

    @Override
    protected Applied reopen() {
        close();
        var directory = new InboxDirectory(data);
        var settings = InboxSettings.defaults();
        var clock = InstantSource.system();
        opened = new EmbeddedApplied(
                "shop",
                "shop/default",
                ShardedInbox.open(directory, "shop", settings, clock, System::nanoTime, NOBODY),
                ShardedGuard.open(directory, "shop", settings, clock, System::nanoTime, NOBODY),
                new OpenMarks(() -> 0));
        return opened;
    }

    @AfterEach
    void close() {
        if (opened != null) {
            opened.close();
        }
    }
}
