package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedMethod;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The suite is no better than what it catches: each broker that is broken on purpose must fail, and for its reason. */
class BrokerConformanceCatchesTest {

    @ParameterizedTest
    @EnumSource
    void aBrokerThat(Mutant mutant) {
        var events = EngineTestKit.engine("junit-jupiter")
                .configurationParameter(MutantConformance.CHOICE, mutant.name())
                .configurationParameter("junit.jupiter.execution.timeout.default", "60 s")
                .selectors(selectNestedMethod(List.of(MutantConformance.class), mutant.situation, mutant.test))
                .execute()
                .testEvents();

        assertThat(events.started().count())
                .as("tests of the name %s", mutant.test)
                .isEqualTo(1);
        assertThat(events.failed().stream()
                        .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                        .map(result -> String.valueOf(result.getThrowable().orElseThrow())))
                .as("what %s says about a broker that %s", mutant.test, mutant)
                .singleElement()
                .asString()
                .contains(mutant.complaint);
    }
}
