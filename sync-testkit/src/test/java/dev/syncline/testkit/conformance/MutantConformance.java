package dev.syncline.testkit.conformance;

import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The suite on a mutant. Named so that no build looks for it: {@link BrokerConformanceCatchesTest} runs it. */
class MutantConformance extends BrokerConformance {

    /** Configuration parameter that names the mutant. */
    static final String CHOICE = "syncline.mutant";

    private Mutant mutant = Mutant.ACKNOWLEDGES_NOTHING;

    @RegisterExtension
    final BeforeEachCallback choice = context ->
            mutant = Mutant.valueOf(context.getConfigurationParameter(CHOICE).orElseThrow());

    @Override
    protected BrokerFixture open() {
        return new MutantFixture(mutant);
    }
}
