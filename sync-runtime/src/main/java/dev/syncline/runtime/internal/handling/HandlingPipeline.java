package dev.syncline.runtime.internal.handling;

import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.publish.Attempts;
import dev.syncline.runtime.internal.wiring.Contracts;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import dev.syncline.spi.PayloadCodec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Handling of one handler: the fixed order envelope, mode, echo, expiry, contract, decode, map, call, publish, verdict, which
 * no user can change.
 *
 * <p>Threading: all lanes of the handler at once; it holds nothing that changes.
 */
public final class HandlingPipeline implements Handling {

    private final Routes routes;
    private final Kinds kinds;
    private final int batch;
    private final AttemptRun.Parts parts;

    /**
     * Made by the wiring.
     *
     * @param kinds by type, of those that a payload class is known for
     * @param expiry which events are dropped for their age
     */
    public HandlingPipeline(
            String handler,
            HandlerPolicy policy,
            Routes routes,
            Map<String, Kind> kinds,
            PayloadCodec codec,
            Contracts contracts,
            Expiry expiry,
            Attempts attempts) {
        this.routes = routes;
        this.kinds = new Kinds(kinds);
        this.batch = policy.batch();
        var verdicts = new Verdicts(policy);
        var preparation = new Preparation(policy, this.kinds, expiry, codec, contracts, verdicts);
        this.parts = new AttemptRun.Parts(handler, preparation, verdicts, attempts);
    }

    @Override
    public int route(Envelope envelope) {
        return envelope.problem() != null ? 0 : routes.of(envelope.type());
    }

    @Override
    public Kind kind(Envelope envelope) {
        return kinds.of(envelope);
    }

    @Override
    public int batchSize(int route) {
        return routes.all().get(route).isList() ? batch : 1;
    }

    @Override
    public @Nullable String refusal(Envelope envelope) {
        int route = route(envelope);
        if (route == UNHANDLED) {
            return null;
        }
        var prepared = parts.preparation().prepare(envelope, routes.all().get(route), envelope.mode());
        return prepared instanceof Preparation.Prepared.Settled settled
                        && settled.verdict() instanceof Verdict.Rejected rejected
                ? rejected.code()
                : null;
    }

    @Override
    public void attempt(Attempt attempt) {
        new AttemptRun(attempt, routes.all().get(attempt.route()), parts).start();
    }
}
