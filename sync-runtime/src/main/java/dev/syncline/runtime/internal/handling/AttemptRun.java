package dev.syncline.runtime.internal.handling;

import dev.syncline.api.BatchOutcome;
import dev.syncline.api.Event;
import dev.syncline.api.Outcome;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.publish.AttemptPublisher;
import dev.syncline.runtime.internal.publish.Attempts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One attempt from preparation to its verdicts. Events that need no attempt are settled first; the rest is handed over,
 * to a list method at once, to any other one after the other. What was published becomes durable before a verdict says
 * that an event is done.
 *
 * <p>Threading: one thread at a time. A method that answers with a stage goes on on the thread that completes it.
 */
final class AttemptRun {

    private final Attempt attempt;
    private final Route route;
    private final Parts parts;
    private final @Nullable Verdict[] verdicts;
    private final List<Event<?>> causes = new ArrayList<>(1);
    private final List<Item> items = new ArrayList<>(1);
    private final List<Envelope> marked = new ArrayList<>(0);
    private @Nullable AttemptPublisher opened;

    AttemptRun(Attempt attempt, Route route, Parts parts) {
        this.attempt = attempt;
        this.route = route;
        this.parts = parts;
        this.verdicts = new Verdict[attempt.events().size()];
    }

    void start() {
        try {
            attempt.enter();
            try {
                prepare();
            } finally {
                attempt.exit();
            }
            if (items.isEmpty()) {
                complete();
                return;
            }
            opened = parts.attempts.begin(parts.handler, causes);
        } catch (Throwable failure) {
            contain(failure);
            return;
        }
        callFrom(0);
    }

    private void prepare() {
        var events = attempt.events();
        for (int i = 0; i < verdicts.length; i++) {
            var prepared = parts.preparation.prepare(
                    events.get(i), route, attempt.delivery().mode());
            if (prepared instanceof Preparation.Prepared.Ready ready) {
                causes.add(ready.event());
                for (var subject : ready.subjects()) {
                    items.add(new Item(i, ready.event(), subject));
                }
            } else if (prepared instanceof Preparation.Prepared.Settled settled) {
                verdicts[i] = isFailure(settled.verdict()) && attempt.isLate()
                        ? parts.verdicts.late(Verdicts.cause(settled.verdict()))
                        : settled.verdict();
            } else {
                throw new AssertionError(prepared);
            }
        }
    }

    /** Goes on with this call. */
    private void callFrom(int first) {
        try {
            int calls = route.isList() ? 1 : items.size();
            for (int call = first; call < calls; call++) {
                if (!route.isList() && isFailed(items.get(call).owner)) {
                    continue; // the rest of a fan-out, part of which has failed
                }
                if (attempt.isLate()) { // before or between calls: the next one would begin late
                    settle(call, parts.verdicts.late(null));
                    continue;
                }
                if (!callOnce(call)) {
                    return; // comes back on the thread of the stage
                }
            }
            finish();
        } catch (Throwable failure) {
            contain(failure);
        }
    }

    /** Makes one call; tells whether its answer is there. */
    private boolean callOnce(int call) {
        Object answer;
        try {
            answer = invoke(call);
        } catch (Throwable failure) {
            failed(call, failure);
            return true;
        }
        if (!route.isStage()) {
            answered(call, answer);
            return true;
        }
        if (answer == null) {
            settle(call, new Verdict.Failed("null.stage", route.name() + " answered null, not a stage", null, null));
            return true;
        }
        if (answer instanceof CompletableFuture<?> future && future.isDone()) {
            taken(call, future); // here, not in a callback: a long fan-out would go one frame deeper by each
            return true;
        }
        return awaitStage(call, (CompletionStage<?>) answer);
    }

    /** Goes on when the stage is complete; once, though a stage of another's making may say so twice. */
    private boolean awaitStage(int call, CompletionStage<?> stage) {
        var isOver = new AtomicBoolean();
        try {
            stage.whenComplete((value, failure) -> {
                if (!isOver.compareAndSet(false, true)) {
                    return;
                }
                try {
                    staged(call, value, failure);
                } catch (Throwable unexpected) {
                    contain(unexpected);
                    return;
                }
                callFrom(call + 1);
            });
        } catch (RuntimeException | Error refused) {
            if (isOver.compareAndSet(false, true)) {
                failed(call, refused);
                return true;
            }
        }
        return false;
    }

    private @Nullable Object invoke(int call) throws Throwable {
        Object subject = route.isList() ? items.stream().map(Item::subject).toList() : items.get(call).subject;
        var scope = publisher().enter();
        attempt.enter();
        try {
            return route.invoker().call(subject, attempt.delivery(), publisher());
        } finally {
            attempt.exit();
            scope.close();
        }
    }

    private void taken(int call, CompletableFuture<?> done) {
        Object value;
        try {
            value = done.join();
        } catch (CompletionException | CancellationException failure) {
            failed(call, failure);
            return;
        }
        answered(call, value);
    }

    private void staged(int call, @Nullable Object value, @Nullable Throwable failure) {
        if (failure == null) {
            answered(call, value);
        } else {
            failed(call, failure);
        }
    }

    private void failed(int call, Throwable failure) {
        if (Verdicts.isFatal(Verdicts.unwrapped(failure))) {
            throw (VirtualMachineError) Verdicts.unwrapped(failure);
        }
        var verdict = attempt.isLate() ? parts.verdicts.late(failure) : parts.verdicts.of(failure);
        if (route.isList() && Verdicts.isOfEvents(verdict)) {
            attempt.failAll(verdict);
        }
        settle(call, verdict);
    }

    private void answered(int call, @Nullable Object answer) {
        try {
            switch (route.answer()) {
                case NOTHING -> settle(call, Verdict.DONE);
                case OUTCOME -> settle(call, verdict((Outcome) answer));
                case EVENT -> {
                    if (answer != null) {
                        publisher().publish(answer);
                    }
                    settle(call, Verdict.DONE);
                }
                case BATCH_OUTCOME -> settleEach((BatchOutcome) answer);
            }
        } catch (RuntimeException refused) {
            settle(call, parts.verdicts.of(refused)); // what it wanted to publish
        }
    }

    private Verdict verdict(@Nullable Outcome outcome) {
        if (outcome == null) {
            return new Verdict.Failed("null.outcome", route.name() + " answered null", null, null);
        }
        if (!outcome.events().isEmpty()) {
            publisher().publishAll(outcome.events());
        }
        return parts.verdicts.of(outcome);
    }

    private void settleEach(@Nullable BatchOutcome batch) {
        if (batch == null) {
            settle(0, verdict(null));
            return;
        }
        for (int index : batch.exceptions().keySet()) {
            if (index >= items.size()) {
                settle(
                        0,
                        new Verdict.Failed(
                                "batch.index",
                                route.name() + " answered for index " + index + " of a list of " + items.size(),
                                null,
                                null));
                return;
            }
        }
        for (int i = 0; i < items.size(); i++) {
            var item = items.get(i);
            var outcome = batch.at(i);
            for (var event : outcome.events()) {
                publishCausedBy(item.event, event);
            }
            merge(item.owner, parts.verdicts.of(outcome));
        }
    }

    /** In a list the publisher cannot know which of the events is the cause. */
    private void publishCausedBy(Event<?> cause, Object payload) {
        Event<?> event = payload instanceof Event<?> given ? given : Event.of(payload);
        publisher().publish(event.causationId().isPresent() ? event : event.causedBy(cause));
    }

    private void settle(int call, Verdict verdict) {
        if (route.isList()) {
            items.forEach(item -> merge(item.owner, verdict));
        } else {
            merge(items.get(call).owner, verdict);
        }
    }

    /** Of a fan-out the first failure counts; without one, it was skipped only if all of it was. */
    private void merge(int owner, Verdict verdict) {
        var before = verdicts[owner];
        if (before == null || before instanceof Verdict.Skipped || (before == Verdict.DONE && isFailure(verdict))) {
            verdicts[owner] = verdict;
        }
    }

    private boolean isFailed(int owner) {
        var verdict = verdicts[owner];
        return verdict != null && isFailure(verdict);
    }

    private static boolean isFailure(Verdict verdict) {
        return !(verdict instanceof Verdict.Done) && !(verdict instanceof Verdict.Skipped);
    }

    private void finish() {
        if (items.stream().allMatch(item -> isFailed(item.owner))) {
            publisher().discard();
        } else {
            try {
                publisher().commit(this::mark);
            } catch (RuntimeException notStored) {
                unmark();
                var verdict = parts.verdicts.of(notStored);
                items.forEach(item -> merge(item.owner, verdict));
            }
        }
        complete();
    }

    /** Of the events that this attempt is done with: kept in one document with what it publishes. */
    private List<byte[]> mark() {
        var marks = new ArrayList<byte[]>(1);
        for (int i = 0; i < verdicts.length; i++) {
            if (verdicts[i] instanceof Verdict.Done) {
                var event = attempt.events().get(i);
                var mark = attempt.marking().mark(event);
                if (mark.length > 0) {
                    marked.add(event);
                    marks.add(mark);
                }
            }
        }
        return marks;
    }

    private void unmark() {
        marked.forEach(attempt.marking()::unmark);
        marked.clear();
    }

    private void complete() {
        if (!attempt.complete(
                Arrays.stream(verdicts).map(Objects::requireNonNull).toList())) {
            unmark(); // it was given up before
        }
    }

    /** Ends the attempt whatever happened; only what endangers the whole process goes on up. */
    private void contain(Throwable failure) {
        var verdict = Verdicts.isFatal(failure)
                ? new Verdict.Failed("virtual.machine.error", LogText.describe(failure), null, failure)
                : parts.verdicts.of(failure);
        items.stream().filter(item -> !isFailed(item.owner)).forEach(item -> verdicts[item.owner] = verdict);
        for (int i = 0; i < verdicts.length; i++) {
            if (verdicts[i] == null) {
                verdicts[i] = verdict;
            }
        }
        unmark();
        try {
            if (opened != null) {
                opened.discard();
            }
        } finally {
            complete();
        }
        if (failure instanceof VirtualMachineError fatal && Verdicts.isFatal(failure)) {
            throw fatal;
        }
    }

    private AttemptPublisher publisher() {
        return Objects.requireNonNull(opened);
    }

    /**
     * What one call hands over.
     *
     * @param owner index of its event in the attempt
     */
    private record Item(int owner, Event<?> event, Object subject) {}

    /** What all attempts of a handler share. */
    record Parts(String handler, Preparation preparation, Verdicts verdicts, Attempts attempts) {}
}
