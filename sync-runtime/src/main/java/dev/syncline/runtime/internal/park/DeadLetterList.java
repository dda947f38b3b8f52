package dev.syncline.runtime.internal.park;

import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters.Selection;
import dev.syncline.runtime.internal.keys.Shards;
import dev.syncline.spi.Position;
import dev.syncline.spi.TopicPartition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Looks for dead letters: a shard at a time in memory, and on the disk for those of the page only. */
final class DeadLetterList {

    private static final TopicPartition NOWHERE = new TopicPartition("", 0);

    private DeadLetterList() {}

    static long count(ParkIndex index, String handler, Selection which) {
        long[] count = {0};
        forEach(index, handler, which, head -> count[0]++);
        return count[0];
    }

    static List<DeadLetter> select(
            ParkIndex index,
            String handler,
            Selection which,
            long after,
            int limit,
            Function<Letter, @Nullable ParkedEvent> read) {
        // the smallest names, the greatest of them on top to make room
        var page = new PriorityQueue<Head>(
                Comparator.comparingLong((Head head) -> head.letter.number).reversed());
        forEach(index, handler, which, head -> {
            if (head.letter.number > after) {
                page.add(head);
                if (page.size() > limit) {
                    page.remove();
                }
            }
        });
        var heads = new ArrayList<>(page);
        heads.sort(Comparator.comparingLong(head -> head.letter.number));
        var list = new ArrayList<DeadLetter>(heads.size());
        for (var head : heads) {
            var event = read.apply(head.letter);
            if (event != null || isStillHead(head.letter)) {
                list.add(head.toDeadLetter(handler, event));
            } // else it was closed, and its file dropped, a moment ago
        }
        return list;
    }

    /** The key that a dead letter is the head of; null if it is not dead, or not there, any more. */
    static @Nullable ParkedKey find(ParkIndex index, DeadLetter letter) {
        var name = KeyName.of(letter.topic(), letter.key(), letter.partition().partition(), letter.position());
        for (int i = 0; i < Shards.COUNT; i++) {
            var shard = index.shard(i);
            synchronized (shard) {
                var key = shard.find(name);
                if (key != null && isDeadHead(key, letter.letter())) {
                    return key;
                }
            }
        }
        return letter.key().isEmpty() ? findUnread(index, letter) : null;
    }

    /** One without a key is named by its place, which a letter that could not be read did not say. */
    private static @Nullable ParkedKey findUnread(ParkIndex index, DeadLetter letter) {
        for (int i = 0; i < Shards.COUNT; i++) {
            var shard = index.shard(i);
            synchronized (shard) {
                for (var key : shard.all()) {
                    if (isDeadHead(key, letter.letter())) {
                        return key;
                    }
                }
            }
        }
        return null;
    }

    static boolean isDeadHead(ParkedKey key, long letter) {
        synchronized (key.index()) {
            return key.head() == letter && key.state().isDead();
        }
    }

    private static void forEach(ParkIndex index, String handler, Selection which, Consumer<Head> action) {
        for (int i = 0; i < Shards.COUNT; i++) {
            var shard = index.shard(i);
            synchronized (shard) {
                for (var key : shard.all()) {
                    var state = key.state();
                    var head = key.headLetter();
                    if (head != null
                            && state.isDead()
                            && which.matches(handler, key.topic(), key.key(), state.code())) {
                        action.accept(new Head(head, state, key.size() - 1));
                    }
                }
            }
        }
    }

    private static boolean isStillHead(Letter letter) {
        return letter.key.head() == letter.number;
    }

    private record Head(Letter letter, HeadState state, int lettersBehind) {

        DeadLetter toDeadLetter(String handler, @Nullable ParkedEvent event) {
            var key = letter.key;
            return new DeadLetter(
                    handler,
                    letter.number,
                    event == null
                            ? new TopicPartition(key.topic(), NOWHERE.partition())
                            : event.received().partition(),
                    event == null ? Position.of(0) : event.received().position(),
                    key.key(),
                    event == null ? "" : event.type(),
                    event == null ? "" : event.source(),
                    event == null ? "" : event.id(),
                    state.code(),
                    state.detail(),
                    state.attempts(),
                    state.redrives(),
                    Instant.ofEpochMilli(state.firstFailureMillis()),
                    Instant.ofEpochMilli(state.lastFailureMillis()),
                    lettersBehind);
        }
    }
}
