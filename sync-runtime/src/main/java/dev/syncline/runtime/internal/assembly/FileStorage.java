package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.inbox.InboxDirectory;
import dev.syncline.runtime.internal.inbox.InboxTables;
import dev.syncline.runtime.internal.log.ChronicleEventLog;
import dev.syncline.runtime.internal.log.DirectoryLock;
import dev.syncline.runtime.internal.log.EventLog;
import dev.syncline.runtime.internal.log.JdkPackages;
import dev.syncline.runtime.internal.log.LogSettings;
import dev.syncline.runtime.internal.log.StoreLives;
import dev.syncline.runtime.internal.log.TextFile;
import dev.syncline.runtime.internal.outbox.Outbox;
import dev.syncline.runtime.internal.outbox.OutboxAlarms;
import dev.syncline.runtime.internal.outbox.OutboxSettings;
import dev.syncline.runtime.internal.relay.CursorStore;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The files of a data directory. */
final class FileStorage implements Storage {

    private static final String PLACE = "parked-elsewhere.";

    private final Path directory;
    private final Path parked;
    private final InboxDirectory inboxes;

    FileStorage(Path directory) {
        this.directory = directory;
        this.parked = directory.resolve("park");
        this.inboxes = new InboxDirectory(directory);
    }

    /** The nearest directory that is there must take files; making the rest is start's. */
    @Override
    public List<String> problems() {
        var problems = new ArrayList<String>();
        var existing = directory.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null || !Files.isDirectory(existing)) {
            problems.add("data directory " + directory + " cannot be made: " + existing + " is not a directory; set"
                    + " another one with dataDirectory(…) or outbox.directory");
        } else if (!Files.isWritable(existing)) {
            problems.add("data directory " + directory + " cannot be used: " + existing
                    + " is not writable for this user; make it writable, or set another one with dataDirectory(…) or"
                    + " outbox.directory");
        }
        JdkPackages.problem().ifPresent(problems::add);
        return problems;
    }

    @Override
    public Opened open(String application, OutboxSettings settings, InstantSource clock, OutboxAlarms alarms) {
        var lock = DirectoryLock.acquire(directory, application);
        try {
            return new Opened(Outbox.open(lock, settings, clock, alarms), lock::close);
        } catch (RuntimeException | Error failure) {
            lock.close();
            throw failure;
        }
    }

    @Override
    public StoreLives lives(long random) {
        return StoreLives.begin(directory, random);
    }

    @Override
    public CursorStore cursors(boolean isForced) {
        return CursorStore.in(directory, isForced);
    }

    @Override
    public boolean hasParked(String handler, String broker) {
        return Files.isDirectory(parked(handler, broker));
    }

    @Override
    public EventLog parked(String handler, String broker, LogSettings settings) {
        return ChronicleEventLog.open(parked(handler, broker), settings);
    }

    @Override
    public TextFile parkedElsewhere(String handler, String broker) {
        return TextFile.at(directory.resolve(PLACE + handler + "." + encoded(broker)));
    }

    private Path parked(String handler, String broker) {
        return parked.resolve(handler).resolve(encoded(broker));
    }

    private static String encoded(String broker) {
        return URLEncoder.encode(broker, StandardCharsets.UTF_8);
    }

    @Override
    public void forgetParked(String handler) {
        var path = parked.resolve(handler);
        try {
            if (Files.isDirectory(path)) {
                deleteTree(path);
            }
            try (var places = Files.newDirectoryStream(directory, PLACE + handler + ".*")) {
                for (var place : places) {
                    Files.delete(place);
                }
            }
        } catch (IOException failure) {
            throw new OutboxException("cannot delete what is parked in " + path + ": " + failure, failure);
        }
    }

    private static void deleteTree(Path path) throws IOException {
        try (var files = Files.walk(path)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public InboxTables inboxes() {
        return inboxes;
    }
}
