package dev.syncline.testkit.conformance;

import java.time.Duration;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The suite on a mutant. Named so that no build looks for it: {@link BrokerConformanceCatchesTest} runs it. */
class MutantConformance extends BrokerConformance {

    /** Configuration parameter that names the mutant. */
    static final String CHOICE = "syncline.mutant";

    /** Configuration parameter that says how long what does not come is waited for. */
    static final String HASTE = "syncline.mutant.haste";

    /** How long sessions last and answers are waited for. */
    enum Haste {
        /** Most mutants are noticed by what does not come, and there are many. */
        SHORT(Duration.ofMillis(500), Duration.ofMillis(1500)),
        /** For a machine that has no time for us just now. */
        LONG(Duration.ofSeconds(3), Duration.ofSeconds(15));

        final Duration session;
        final Duration patience;

        Haste(Duration session, Duration patience) {
            this.session = session;
            this.patience = patience;
        }
    }

    private Mutant mutant = Mutant.ACKNOWLEDGES_NOTHING;
    private Haste haste = Haste.SHORT;

    @RegisterExtension
    final BeforeEachCallback choice = context -> {
        mutant = Mutant.valueOf(context.getConfigurationParameter(CHOICE).orElseThrow());
        haste = Haste.valueOf(context.getConfigurationParameter(HASTE).orElseThrow());
    };

    @Override
    protected BrokerFixture open() {
        return new MutantFixture(mutant, haste.session, haste.patience);
    }
}
