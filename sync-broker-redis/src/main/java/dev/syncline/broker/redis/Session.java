package dev.syncline.broker.redis;

import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.UnblockType;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One connection. Commands run in the order of the calls and answer in that order, on a thread of the client; a failed
 * call fails with what the client threw, for {@link Failures} to translate. A session that failed once is thrown away.
 *
 * <p>Threading: any thread.
 */
final class Session implements AutoCloseable {

    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final String address;

    Session(StatefulRedisConnection<byte[], byte[]> connection, String address) {
        this.connection = connection;
        this.address = address;
    }

    /** For people. */
    String address() {
        return address;
    }

    boolean isOpen() {
        return connection.isOpen();
    }

    /** Runs a script; one that the server does not know yet is sent in full. */
    CompletionStage<Reply> run(Script script, List<byte[]> keys, List<byte[]> arguments) {
        return dispatch(CommandType.EVALSHA, script.digest(), keys, arguments)
                .exceptionallyCompose(failure -> isUnknownScript(failure)
                        ? dispatch(CommandType.EVAL, script.text(), keys, arguments)
                        : CompletableFuture.<List<Object>>failedStage(failure))
                .thenApply(Reply::new);
    }

    /** The fields of a hash, null for those that are not there. */
    CompletionStage<List<@Nullable String>> hashFields(String key, String... names) {
        return connection
                .async()
                .hmget(Keys.bytes(key), Keys.list(names).toArray(new byte[0][]))
                .thenApply(fields -> {
                    var values = new ArrayList<@Nullable String>();
                    for (KeyValue<byte[], byte[]> field : fields) {
                        values.add(field.hasValue() ? Reply.asText(field.getValue()) : null);
                    }
                    return values;
                });
    }

    /** The members of a set. */
    CompletionStage<Set<String>> members(String key) {
        return connection.async().smembers(Keys.bytes(key)).thenApply(members -> {
            var texts = new HashSet<String>();
            members.forEach(member -> texts.add(Reply.asText(member)));
            return texts;
        });
    }

    /** Adds a member to a set. */
    CompletionStage<Long> addMember(String key, String member) {
        return connection.async().sadd(Keys.bytes(key), Keys.bytes(member));
    }

    /** The names of the fields of a hash. */
    CompletionStage<Set<String>> fieldNames(String key) {
        return connection.async().hkeys(Keys.bytes(key)).thenApply(names -> {
            var texts = new HashSet<String>();
            names.forEach(name -> texts.add(Reply.asText(name)));
            return texts;
        });
    }

    /** Drops keys; large ones in the background. */
    CompletionStage<Long> unlink(List<byte[]> keys) {
        return connection.async().unlink(keys.toArray(new byte[0][]));
    }

    /** Drops keys. */
    CompletionStage<Long> delete(List<byte[]> keys) {
        return connection.async().del(keys.toArray(new byte[0][]));
    }

    /** What the server says of itself. */
    CompletionStage<String> info() {
        return connection.async().info();
    }

    /** The number by which another connection can end a wait of this one. */
    CompletionStage<Long> id() {
        return connection.async().clientId();
    }

    /**
     * Waits until one of the streams has an entry after the given id, and answers which ones have; none if nothing came.
     * Blocks this connection for all else.
     */
    CompletionStage<Set<String>> awaitEntries(Map<String, String> afterIds, Duration atMost) {
        var streams = new ArrayList<StreamOffset<byte[]>>();
        afterIds.forEach((stream, id) -> streams.add(StreamOffset.from(Keys.bytes(stream), id)));
        @SuppressWarnings({"unchecked", "rawtypes"}) // generic array of the client's varargs
        StreamOffset<byte[]>[] array = streams.toArray(new StreamOffset[0]);
        return connection
                .async()
                .xread(XReadArgs.Builder.block(atMost).count(1), array)
                .thenApply(entries -> {
                    var found = new HashSet<String>();
                    entries.forEach(entry -> found.add(Reply.asText(entry.getStream())));
                    return found;
                });
    }

    /** Ends the wait of another connection. Whether it was waiting; true if this user may not: it ends by itself soon. */
    CompletionStage<Boolean> unblock(long id) {
        return connection
                .async()
                .clientUnblock(id, UnblockType.TIMEOUT)
                .handle((ended, denied) -> denied != null || ended == 1);
    }

    /** Ends the connection; calls that are not answered fail. Does not wait. */
    @Override
    public void close() {
        var unused = connection.closeAsync();
    }

    private CompletionStage<List<Object>> dispatch(
            CommandType type, String script, List<byte[]> keys, List<byte[]> arguments) {
        var codec = ByteArrayCodec.INSTANCE;
        var args = new CommandArgs<>(codec)
                .add(Keys.bytes(script))
                .add(keys.size())
                .addKeys(keys)
                .addValues(arguments);
        return connection.async().dispatch(type, new NestedMultiOutput<>(codec), args);
    }

    private static boolean isUnknownScript(Throwable failure) {
        var cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof RedisNoScriptException;
    }
}
