package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedMethod;

import java.util.List;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The suite is no better than what it catches: each broker that is broken on purpose must fail, and for its reason. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = Behaviours.SERVER, mode = ResourceAccessMode.READ) // not while somebody counts threads
class BrokerConformanceCatchesTest {

    @ParameterizedTest
    @EnumSource
    void aBrokerThat(Mutant mutant) {
        var events = EngineTestKit.engine("junit-jupiter")
                .configurationParameter(MutantConformance.CHOICE, mutant.name())
                .configurationParameter("junit.jupiter.execution.timeout.default", "60 s")
                .selectors(selected(mutant))
                .execute()
                .testEvents();

        assertThat(events.started().count())
                .as("tests of the name %s", mutant.test)
                .isPositive();
        assertThat(events.failed().stream()
                        .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                        .map(result -> String.valueOf(result.getThrowable().orElseThrow())))
                .as("what %s says about a broker that %s", mutant.test, mutant)
                .isNotEmpty()
                .allSatisfy(complaint -> assertThat(complaint).contains(mutant.complaint));
    }

    private static DiscoverySelector selected(Mutant mutant) {
        int parameters = mutant.test.indexOf('(');
        return parameters < 0
                ? selectNestedMethod(List.of(MutantConformance.class), mutant.situation, mutant.test)
                : selectNestedMethod(
                        List.of(MutantConformance.class),
                        mutant.situation,
                        mutant.test.substring(0, parameters),
                        mutant.test.substring(parameters + 1, mutant.test.length() - 1));
    }
}
