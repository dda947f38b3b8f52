package dev.syncline.runtime.internal.dispatch;

import dev.syncline.api.Delivery;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.dispatch.KeyState.Status;
import dev.syncline.runtime.internal.dispatch.ParkedKeys.Left;
import dev.syncline.runtime.internal.dispatch.Parking.End;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import dev.syncline.runtime.internal.turns.Crew;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Works on the heads of a lane's parked keys: attempts those that are due, takes their ends, and does what people ask
 * for. The attempts run on threads of their own, so that what fails again and again does not occupy the lane; they begin
 * on the lane, and their end comes back to it by its mailbox (S10, S12).
 *
 * <p>Threading: the lane's thread, except the commands.
 */
final class ParkedHeads {

    private final String handler;
    private final Handling handling;
    private final Admission admission;
    private final Gate gate;
    private final HandlerCall call;
    private final Keys keys;
    private final ParkedKeys parked;
    private final Recovery recovery;
    private final Recovery.Listener lane;
    private final Takeover takeover;
    private final Mailbox mailbox;
    private final LaneWatch watch;
    private final Crew threads;

    /** @param threads where the attempts run */
    ParkedHeads(
            String handler,
            Handling handling,
            Admission admission,
            Gate gate,
            HandlerCall call,
            LaneKeys lane,
            Mailbox mailbox,
            LaneWatch watch,
            Crew threads) {
        this.handler = handler;
        this.handling = handling;
        this.admission = admission;
        this.gate = gate;
        this.call = call;
        this.keys = lane.table;
        this.parked = lane.parked;
        this.recovery = lane.recovery;
        this.lane = lane;
        this.takeover = lane.takeover;
        this.mailbox = mailbox;
        this.watch = watch;
        this.threads = threads;
    }

    // --- attempts

    /** Begins attempts at what is due, as far as more may run; returns how many it looked at. */
    int attempt(long now) {
        int work = 0;
        for (int left = parked.due(); left > 0 && !gate.isShut(now); left--) {
            var begun = parked.begin();
            if (begun == null) {
                break;
            }
            var head = begun.envelope();
            if (head == null) {
                recovery.parkedLost(begun.state(), now);
                work++;
            } else if (attempt(begun.state(), head, now)) {
                work++;
            }
        }
        return work;
    }

    /** Tells whether anything was done. */
    private boolean attempt(KeyState state, Envelope head, long now) {
        int route = handling.route(head);
        var answer = admission.ask(head, route);
        switch (answer) {
            case DUPLICATE -> close(state, End.DONE, now);
            case STALE -> close(state, End.STALE, now);
            case GONE -> gone(state);
            case CONFLICT, UNKNOWN -> failed(state, head, Admission.refusal(answer, head), now);
            case APPLY -> {
                if (!gate.mayBegin(head, now)) {
                    parked.ended(state);
                    parked.due(state);
                    return false;
                }
                var delivery = new Delivery(
                        handler, state.required().failure().attempts() + 1, false, head.mode(), head.firstSeen());
                threads.execute(new Run(state, head, route, delivery));
            }
        }
        return true;
    }

    /** An attempt at a head, on a thread of the crew. */
    private final class Run implements Runnable, Attempt.Listener {

        private final KeyState state;
        private final Envelope head;
        private final Attempt attempt;
        private boolean keepsThread;

        Run(KeyState state, Envelope head, int route, Delivery delivery) {
            this.state = state;
            this.head = head;
            this.attempt = new Attempt(route, List.of(head), delivery, this);
        }

        @Override
        public void run() {
            watch.begin(attempt, () -> mailbox.post(now -> leaveBehind()));
            call.run(attempt);
        }

        /** It keeps its thread, if it has one, and its key; others go on. */
        private void leaveBehind() {
            if (!attempt.isComplete() && !attempt.isLeftBehind()) {
                attempt.leaveBehind();
                gate.leftBehind(attempt.events());
                parked.leftBehind(state);
                keepsThread = attempt.thread() != null;
                if (keepsThread) {
                    threads.grow(1);
                }
            }
        }

        @Override
        public void onComplete(Attempt done, List<Verdict> verdicts) {
            watch.end(attempt);
            mailbox.post(now -> {
                if (keepsThread) {
                    threads.grow(-1);
                }
                ended(state, head, verdicts.get(0), now);
            });
        }
    }

    private void ended(KeyState state, Envelope head, Verdict verdict, long now) {
        gate.ended(List.of(head), List.of(verdict), now);
        boolean isSettling = Admission.isSettling(verdict);
        boolean isOurs = !isSettling || admission.note(head, verdict);
        if (takeover.isOver(state, now)) {
            return; // the partition went meanwhile; if it came back, so did the head, which is known to be done
        }
        if (!isOurs) {
            gone(state);
        } else if (isSettling) {
            close(state, End.DONE, now);
        } else {
            failed(state, head, verdict, now);
        }
    }

    private void gone(KeyState state) {
        parked.ended(state);
        parked.suspend(state);
    }

    private void failed(KeyState state, Envelope head, Verdict verdict, long now) {
        parked.ended(state);
        recovery.parkedFailed(state, verdict, head.toString(), now);
    }

    private void close(KeyState state, End end, long now) {
        parked.ended(state);
        goOn(state, parked.close(state, end), now);
        recovery.publish(state);
    }

    /** The next head follows, or the key is idle again, but for what the disk refused meanwhile. */
    private void goOn(KeyState state, Left left, long now) {
        switch (left) {
            case HEAD -> recovery.schedule(state, ParkedKeys.DISK_PAUSE, now);
            case NEXT -> lane.ready(state);
            case NOTHING -> {
                state.resetHead();
                if (state.events.isEmpty()) {
                    keys.remove(state);
                } else {
                    lane.ready(state);
                }
            }
        }
    }

    // --- commands of people, from any thread

    /** Hands a dead head in again; tells whether it was one. */
    CompletableFuture<Boolean> redrive(String topic, String key, long letter) {
        return command(topic, key, false, (state, now) -> {
            boolean isRedriven = parked.redrive(state, letter);
            if (isRedriven) {
                lane.ready(state);
            }
            return isRedriven;
        });
    }

    /** Gives a dead head up; tells whether it was one. */
    CompletableFuture<Boolean> skip(String topic, String key, long letter, String who, String why) {
        return command(topic, key, false, (state, now) -> {
            var left = parked.skip(state, letter, who, why);
            if (left != null) {
                goOn(state, left, now);
            }
            return left != null;
        });
    }

    /** Gives a dead head up with all behind it; tells how many. */
    CompletableFuture<Integer> drop(String topic, String key, long letter, String who, String why) {
        return command(topic, key, 0, (state, now) -> {
            int dropped = parked.drop(state, letter, who, why);
            if (dropped > 0) {
                goOn(state, Left.NOTHING, now);
            }
            return dropped;
        });
    }

    /** Does something to a key that is parked and not being attempted; answers otherwise if it is not so. */
    private <R> CompletableFuture<R> command(String topic, String key, R otherwise, Command<R> command) {
        var answer = new CompletableFuture<R>();
        mailbox.post(now -> {
            try {
                var state = keys.find(topic, key);
                var result = otherwise;
                if (state != null && state.parked != null && state.status != Status.BUSY) {
                    result = command.apply(state, now);
                    recovery.publish(state); // first: who has the answer sees it in health
                }
                answer.complete(result);
            } catch (OutboxException refused) {
                answer.completeExceptionally(refused);
            }
        });
        return answer;
    }

    /** What is done to a key on its lane. */
    private interface Command<R> {
        R apply(KeyState state, long now);
    }
}
