package dev.syncline.runtime.internal.assembly;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.DeadLetter;
import dev.syncline.runtime.DeadLetters;
import dev.syncline.runtime.internal.park.ParkedKey;
import dev.syncline.runtime.internal.turns.Crew;
import dev.syncline.runtime.internal.turns.Turns;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what people want done with dead letters. Each command is handed to the lane that owns the key; a redrive of
 * many is paced by a thread of its own, one redrive after the other.
 *
 * <p>Threading: any. Closing ends what is under way; commands that did not take place say so.
 */
final class LetterDesk implements DeadLetters {

    private static final int MOST_AT_ONCE = 10_000;
    private static final int PAGE = 500;
    private static final int PER_SECOND_AT_START = 1_000;
    private static final List<String> CURED_BY_A_DEPLOY = List.of("unsupported.version", "unknown.type", "no.codec");

    private static final Logger LOG = LoggerFactory.getLogger(LetterDesk.class);

    private final String name;
    private final List<LetterBox> boxes;
    private final Turns turns;
    private final Crew pacer;
    private final Map<Long, CompletableFuture<?>> open = new ConcurrentHashMap<>();
    private final AtomicLong commands = new AtomicLong();
    private volatile boolean isClosed;

    /**
     * A desk of an instance.
     *
     * @param boxes of all handlers
     * @param turns who gives it its thread
     */
    LetterDesk(String name, List<LetterBox> boxes, Turns turns) {
        this.name = name;
        this.boxes =
                boxes.stream().sorted(Comparator.comparing(LetterBox::handler)).toList();
        this.turns = turns;
        this.pacer = turns.crew("syncline-" + name + "-redrive", 1);
    }

    @Override
    public List<DeadLetter> list(Selection which, @Nullable DeadLetter after, int limit) {
        if (limit < 1 || limit > MOST_AT_ONCE) {
            throw new IllegalArgumentException("1 to " + MOST_AT_ONCE + " letters at once, not " + limit);
        }
        var found = new ArrayList<DeadLetter>();
        for (var handler : boxes.stream().map(LetterBox::handler).distinct().toList()) {
            int order = after == null ? 1 : handler.compareTo(after.handler());
            if (order < 0 || found.size() >= limit) {
                continue;
            }
            long afterLetter = after != null && order == 0 ? after.letter() : -1;
            var ofHandler = new ArrayList<DeadLetter>();
            for (var box : boxes) {
                if (box.handler().equals(handler)) {
                    ofHandler.addAll(box.list(which, afterLetter, limit - found.size()));
                }
            }
            ofHandler.sort(Comparator.comparingLong(DeadLetter::letter));
            found.addAll(ofHandler.subList(0, Math.min(ofHandler.size(), limit - found.size())));
        }
        return List.copyOf(found);
    }

    @Override
    public long count(Selection which) {
        return boxes.stream().mapToLong(box -> box.count(which)).sum();
    }

    @Override
    public CompletionStage<Boolean> redrive(DeadLetter letter) {
        return command(letter, false, (box, key) -> box.redrive(key, letter));
    }

    @Override
    public CompletionStage<Boolean> skip(DeadLetter letter, String who, String why) {
        requireReason(who, why);
        return command(letter, false, (box, key) -> box.skip(key, letter, who, why));
    }

    @Override
    public CompletionStage<Integer> drop(DeadLetter letter, String who, String why) {
        requireReason(who, why);
        return command(letter, 0, (box, key) -> box.drop(key, letter, who, why));
    }

    private static void requireReason(String who, String why) {
        if (who.isBlank() || why.isBlank()) {
            throw new IllegalArgumentException("giving events up goes on record: say who, and why");
        }
    }

    private <R> CompletableFuture<R> command(
            DeadLetter letter, R otherwise, BiFunction<LetterBox, ParkedKey, CompletableFuture<R>> command) {
        for (var box : boxes) {
            if (box.handler().equals(letter.handler())) {
                var key = box.find(letter);
                if (key != null) {
                    return tracked(command.apply(box, key));
                }
            }
        }
        return CompletableFuture.completedFuture(otherwise);
    }

    /** A lane that has ended answers nobody: closing does it instead. */
    @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage only tidies up
    private <R> CompletableFuture<R> tracked(CompletableFuture<R> answer) {
        long number = commands.incrementAndGet();
        open.put(number, answer);
        answer.whenComplete((result, failure) -> open.remove(number));
        if (isClosed) {
            answer.completeExceptionally(closed());
        }
        return answer;
    }

    // --- many

    /** Hands in again what died only because the application did not know its type or version then, if it does now. */
    void redriveWhatIsKnownNow() {
        for (var code : CURED_BY_A_DEPLOY) {
            var which = Selection.all().withCode(code);
            if (count(which) > 0) {
                redrive(which, Redrive.atMost(PER_SECOND_AT_START)).whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.warn("{}: dead letters of {} were not handed in again", name, code, failure);
                    } else if (done.handedIn() > 0) {
                        LOG.info(
                                "{}: {} dead letters of {} can be read now and were handed in again",
                                name,
                                done.handedIn(),
                                code);
                    }
                });
            }
        }
    }

    @Override
    public CompletionStage<Redriven> redrive(Selection which, Redrive how) {
        var answer = tracked(new CompletableFuture<Redriven>());
        try {
            pacer.execute(() -> {
                try {
                    answer.complete(redriveAll(which, how));
                } catch (CompletionException failed) {
                    answer.completeExceptionally(failed.getCause() == null ? failed : failed.getCause());
                } catch (OutboxException | IllegalStateException failed) {
                    answer.completeExceptionally(failed);
                }
            });
        } catch (RejectedExecutionException rejected) {
            answer.completeExceptionally(closed());
        }
        return answer;
    }

    private Redriven redriveAll(Selection which, Redrive how) {
        long selected = 0;
        long handedIn = 0;
        var refused = new HashMap<String, Long>();
        long pause = TimeUnit.SECONDS.toNanos(1) / how.perSecond();
        long next = turns.nanoTime();
        DeadLetter last = null;
        while (true) {
            var page = list(which, last, PAGE);
            if (page.isEmpty()) {
                return new Redriven(selected, handedIn, refused);
            }
            for (var letter : page) {
                last = letter;
                var refusal = refusal(letter);
                if (refusal == null) {
                    continue; // it is no dead letter any more
                }
                selected++;
                if (!refusal.isEmpty()) {
                    refused.merge(refusal, 1L, Long::sum);
                } else if (how.isDryRun()) {
                    handedIn++;
                } else {
                    awaitTurn(next);
                    next = Math.max(next, turns.nanoTime()) + pause;
                    if (turns.join(redrive(letter).toCompletableFuture())) {
                        handedIn++;
                    }
                }
            }
        }
    }

    /** Why an attempt would be refused, empty if it would not; null if the letter is not dead any more. */
    private @Nullable String refusal(DeadLetter letter) {
        for (var box : boxes) {
            if (box.handler().equals(letter.handler())) {
                var key = box.find(letter);
                if (key != null) {
                    var code = box.refusal(key);
                    return code == null ? "" : code;
                }
            }
        }
        return null;
    }

    private void awaitTurn(long turn) {
        for (long wait; (wait = turn - turns.nanoTime()) > 0; ) {
            if (isClosed) {
                throw closed();
            }
            turns.pause(Math.min(wait, TimeUnit.MILLISECONDS.toNanos(100)));
        }
        if (isClosed) {
            throw closed();
        }
    }

    private IllegalStateException closed() {
        return new IllegalStateException(name + " was closed, the command did not take place");
    }

    /** Ends what is under way. After the lanes have ended. */
    void close() {
        isClosed = true;
        pacer.end();
        open.values().forEach(answer -> answer.completeExceptionally(closed()));
    }
}
