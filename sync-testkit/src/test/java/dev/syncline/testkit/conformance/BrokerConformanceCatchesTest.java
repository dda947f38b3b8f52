package dev.syncline.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedMethod;

import dev.syncline.testkit.conformance.MutantConformance.Haste;
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

    /** What a loaded machine had no time to show within short bounds is asked again with long ones. */
    @ParameterizedTest
    @EnumSource
    void aBrokerThat(Mutant mutant) {
        var complaints = complaints(mutant, Haste.SHORT);
        if (!isCaught(mutant, complaints)) {
            complaints = complaints(mutant, Haste.LONG);
        }

        assertThat(complaints)
                .as("what %s says about a broker that %s", mutant.test, mutant)
                .isNotEmpty()
                .allSatisfy(complaint -> assertThat(complaint).contains(mutant.complaint));
    }

    private static boolean isCaught(Mutant mutant, List<String> complaints) {
        return !complaints.isEmpty() && complaints.stream().allMatch(complaint -> complaint.contains(mutant.complaint));
    }

    private static List<String> complaints(Mutant mutant, Haste haste) {
        var events = EngineTestKit.engine("junit-jupiter")
                .configurationParameter(MutantConformance.CHOICE, mutant.name())
                .configurationParameter(MutantConformance.HASTE, haste.name())
                .configurationParameter("junit.jupiter.execution.timeout.default", "120 s")
                .selectors(selected(mutant))
                .execute()
                .testEvents();
        assertThat(events.started().count())
                .as("tests of the name %s", mutant.test)
                .isPositive();
        return events.failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .map(result -> String.valueOf(result.getThrowable().orElseThrow()))
                .toList();
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
