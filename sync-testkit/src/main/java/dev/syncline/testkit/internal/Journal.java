package dev.syncline.testkit.internal;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.handling.Attempt;
import dev.syncline.runtime.internal.handling.Handling;
import dev.syncline.runtime.internal.handling.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what handlers are given and how that ends, by standing between a handler's lanes and its handling. It
 * outlives processes: what a dead one still does is not heard.
 */
public final class Journal {

    private final List<Listener> listeners = new ArrayList<>();

    /** Hears of attempts. */
    public interface Listener {

        /** An attempt at an event begins. */
        void onBegin(Life life, String handler, Envelope event, int attempt);

        /** It ended. */
        void onEnd(Life life, String handler, Envelope event, Verdict verdict);
    }

    /** Hears of all attempts from now on. */
    public void add(Listener listener) {
        listeners.add(listener);
    }

    Handling watched(Life life, String handler, Handling handling) {
        return new Watched(life, handler, handling);
    }

    private final class Watched implements Handling {

        private final Life life;
        private final String handler;
        private final Handling handling;

        Watched(Life life, String handler, Handling handling) {
            this.life = life;
            this.handler = handler;
            this.handling = handling;
        }

        @Override
        public int route(Envelope envelope) {
            return handling.route(envelope);
        }

        @Override
        public Kind kind(Envelope envelope) {
            return handling.kind(envelope);
        }

        @Override
        public int batchSize(int route) {
            return handling.batchSize(route);
        }

        @Override
        public @Nullable String refusal(Envelope envelope) {
            return handling.refusal(envelope);
        }

        @Override
        public void attempt(Attempt attempt) {
            life.touch(
                    "handler.begin",
                    () -> attempt.events()
                            .forEach(event -> listeners.forEach(listener -> listener.onBegin(
                                    life, handler, event, attempt.delivery().attempt()))));
            handling.attempt(new Attempt(
                    attempt.route(),
                    attempt.events(),
                    attempt.delivery(),
                    (inner, verdicts) -> ended(attempt, verdicts)));
        }

        private void ended(Attempt attempt, List<Verdict> verdicts) {
            if (life.isDead()) {
                return;
            }
            for (int i = 0; i < verdicts.size(); i++) {
                for (var listener : listeners) {
                    listener.onEnd(life, handler, attempt.events().get(i), verdicts.get(i));
                }
            }
            life.touch("handler.end", () -> {});
            attempt.complete(verdicts);
        }
    }
}
