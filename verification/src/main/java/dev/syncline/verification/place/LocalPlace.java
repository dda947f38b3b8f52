package dev.syncline.verification.place;

import dev.syncline.testkit.server.RedisServer;
import dev.syncline.testkit.server.ServerProcess;
import java.util.List;
import java.util.Optional;

/**
 * The embedded broker. Its positions are files of its own, which nobody else can ask; a position that went past an event shows
 * there as a lost event.
 */
final class LocalPlace implements Place {

    @Override
    public String uri() {
        return "local:";
    }

    @Override
    public List<ServerProcess> servers() {
        return List.of();
    }

    @Override
    public Optional<RedisServer> state() {
        return Optional.empty();
    }

    @Override
    public List<String> passed(String group, String topic) {
        return List.of();
    }

    @Override
    public List<Shipped> shipped(String topic) {
        return List.of();
    }

    @Override
    public void close() {
        // it lives in the data directory
    }
}
