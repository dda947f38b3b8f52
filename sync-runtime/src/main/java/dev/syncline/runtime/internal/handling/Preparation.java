package dev.syncline.runtime.internal.handling;

import dev.syncline.api.ContractException;
import dev.syncline.api.Delivery;
import dev.syncline.api.Event;
import dev.syncline.api.EventType.Kind;
import dev.syncline.runtime.internal.codec.MediaType;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.wiring.Contracts;
import dev.syncline.runtime.internal.wiring.HandlerPolicy;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.PayloadCodec;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps before user code is called, in their order: envelope, mode, echo, expiry, contract, decoding, mapping. What is said
 * by the envelope alone comes first, so that nothing is decoded in vain.
 *
 * <p>The contract is checked on the bytes before anything is made of them: its faults name what is wrong in the data,
 * and no constructor of a payload class sees data that breaks it.
 */
final class Preparation {

    private final HandlerPolicy policy;
    private final Kinds kinds;
    private final Expiry expiry;
    private final PayloadCodec codec;
    private final Contracts contracts;
    private final Verdicts verdicts;

    Preparation(
            HandlerPolicy policy,
            Kinds kinds,
            Expiry expiry,
            PayloadCodec codec,
            Contracts contracts,
            Verdicts verdicts) {
        this.policy = policy;
        this.kinds = kinds;
        this.expiry = expiry;
        this.codec = codec;
        this.contracts = contracts;
        this.verdicts = verdicts;
    }

    /** Prepares one event for a method. */
    Prepared prepare(Envelope envelope, Route route, Delivery.Mode mode) {
        var settled = byEnvelope(envelope, mode);
        if (settled != null) {
            return new Prepared.Settled(settled);
        }
        try {
            var data = envelope.message().data();
            return data == null ? withoutData(envelope, route) : withData(envelope, route, data);
        } catch (ContractException broken) {
            return rejected(broken.code(), String.valueOf(broken.getMessage()), broken);
        } catch (RuntimeException failure) {
            // of a codec that does not keep its contract; it would do the same again
            return rejected("codec.failed", LogText.describe(failure), failure);
        }
    }

    private @Nullable Verdict byEnvelope(Envelope envelope, Delivery.Mode mode) {
        var problem = envelope.problem();
        if (problem != null) {
            // what a compacted topic keeps behind a delete that we have seen; it says nothing of ours
            return problem.code().equals("foreign.tombstone")
                    ? new Verdict.Skipped(problem.code(), problem.detail())
                    : new Verdict.Rejected(problem.code(), problem.detail(), null);
        }
        // what is handed in again was taken when it came first
        if (mode != Delivery.Mode.REDRIVE && !policy.modes().contains(mode)) {
            return new Verdict.Skipped("mode", mode.name());
        }
        if (!policy.target().isEmpty() && policy.target().equals(origin(envelope))) {
            return new Verdict.Skipped("echo", policy.target());
        }
        // a delete goes on being true: without it the entity would stay, and an older state could bring it back
        if (kinds.of(envelope) != Kind.DELETE && expiry.isOver(envelope)) {
            return new Verdict.Skipped("expired", "by its expirytime");
        }
        return null;
    }

    private static String origin(Envelope envelope) {
        var origin = envelope.message().attribute("origin");
        return origin.isEmpty() ? envelope.source() : origin;
    }

    private Prepared withoutData(Envelope envelope, Route route) {
        if (route.shape().takesDeletes()) {
            Event<?> event = Event.fromAttributes(envelope.message().attributes(), null);
            return new Prepared.Ready(event, List.of(route.shape().form(event, null)));
        }
        if (policy.ignoresDeletes()) {
            return new Prepared.Settled(new Verdict.Skipped("delete.ignored", route.name()));
        }
        return rejected(
                "delete.unhandled",
                "an event without data is a delete, and " + route.name()
                        + " takes only a payload; let it take Change<T> or Event<T>, or say deletes = IGNORE",
                null);
    }

    private Prepared withData(Envelope envelope, Route route, Bytes data) {
        var path = route.paths().find(envelope.type(), envelope.dataVersion());
        if (path == null) {
            return unknown(envelope, route);
        }
        var contentType = envelope.message().attribute("datacontenttype");
        contracts.check(envelope.type(), envelope.dataVersion(), contentType, data);
        var decodeAs = path.decodeAs();
        if (decodeAs == null) {
            Event<?> event = Event.fromAttributes(envelope.message().attributes(), null);
            return new Prepared.Ready(event, List.of(route.shape().form(event, null)));
        }
        var payload = decode(decodeAs, contentType, data);
        Event<?> event = Event.fromAttributes(envelope.message().attributes(), payload);
        List<?> values;
        try {
            values = path.map(payload);
        } catch (Throwable failure) {
            return mappingFailed(failure);
        }
        if (values.isEmpty()) {
            return new Prepared.Settled(new Verdict.Skipped("filtered", "by a mapper"));
        }
        var shape = route.shape();
        return new Prepared.Ready(
                event,
                values.size() == 1
                        ? List.of(shape.form(event, values.get(0)))
                        : values.stream().map(value -> shape.form(event, value)).toList());
    }

    private Object decode(Type as, String contentType, Bytes data) {
        if (as == byte[].class) {
            return data.toByteArray();
        }
        var type = MediaType.of(contentType);
        // a producer that says nothing most often means JSON; if not, decoding says so
        if (!type.essence().isEmpty() && !codec.decodes(type.essence())) {
            throw new ContractException(
                    "no.codec",
                    "data of type " + LogText.of(type.essence())
                            + " cannot be decoded; take it as byte[], or give the builder a codec for it");
        }
        if (!type.isUtf8()) {
            throw new ContractException(
                    "unsupported.charset", "data in " + LogText.of(type.charset()) + "; only UTF-8 is read");
        }
        return codec.decode(data, as);
    }

    private Prepared unknown(Envelope envelope, Route route) {
        var versions = route.paths().byType().get(envelope.type());
        if (versions == null) {
            return rejected(
                    "unknown.type",
                    "no payload class is known for " + LogText.of(envelope.type()) + ", which " + route.name()
                            + " takes by \"*\"; declare one with @EventType",
                    null);
        }
        return rejected(
                "unsupported.version",
                LogText.of(envelope.type()) + " v" + envelope.dataVersion() + " is not known to " + route.name()
                        + ", which knows versions "
                        + versions.known().keySet().stream().sorted().toList()
                        + "; add its payload class and a @MapsTo",
                null);
    }

    private Prepared mappingFailed(Throwable failure) {
        if (failure instanceof VirtualMachineError fatal && Verdicts.isFatal(failure)) {
            throw fatal;
        }
        var thrown = verdicts.of(failure);
        if (thrown instanceof Verdict.Failed failed) {
            // a mapper is pure: another attempt would end alike
            return rejected("mapper.failed", failed.detail(), failure);
        }
        return new Prepared.Settled(thrown);
    }

    private static Prepared rejected(String code, String detail, @Nullable Throwable cause) {
        return new Prepared.Settled(new Verdict.Rejected(code, detail, cause));
    }

    /** What became of one event before user code. */
    sealed interface Prepared {

        /** It needs no attempt. */
        record Settled(Verdict verdict) implements Prepared {}

        /**
         * It can be handed over.
         *
         * @param subjects one, or several by fan-out
         */
        record Ready(Event<?> event, List<?> subjects) implements Prepared {}
    }
}
