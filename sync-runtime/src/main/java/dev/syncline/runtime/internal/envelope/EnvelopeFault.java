package dev.syncline.runtime.internal.envelope;

import dev.syncline.runtime.internal.envelope.Envelope.Problem;

/** Carries a problem out of the depth of a check; no stack trace, since it is about data and may be frequent. */
final class EnvelopeFault extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    EnvelopeFault(String code, String detail) {
        super(code, null, false, false);
        this.problem = new Problem(code, detail);
    }

    Problem problem() {
        return problem;
    }
}
