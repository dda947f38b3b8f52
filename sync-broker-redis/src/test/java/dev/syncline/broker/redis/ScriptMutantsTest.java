package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/**
 * The tests are tested: with a defect planted into a script as it is loaded, never into what is shipped, tests of {@link
 * LeaseTest} must fail, and say why; without one, they must pass.
 */
class ScriptMutantsTest {

    /** The group stands further on, though its owner has acknowledged nothing. */
    private static final String REFUSED = "s13_acknowledgementAfterTheLeaseRanOutUnnoticedIsRefused";

    private static final String NOTHING_CHANGED = "s13_noScriptOfAnOldOwnerChangesAnything";

    @ParameterizedTest
    @ValueSource(strings = {REFUSED, NOTHING_CHANGED})
    void s13_acknowledgingWithoutTheLeaseIsCaught(String test) throws Exception {
        var found = run(ScriptMutantsTest::withoutLease, test);

        assertThat(found).as("%s notices that XACK needs no lease", test).isPresent();
        assertThat(Throwables.getStackTrace(found.orElseThrow()))
                .as("why")
                .contains("LeaseTest." + test)
                .containsPattern(test.equals(REFUSED) ? "but was:\\s+\\[\\[" : "ACKNOWLEDGE was refused");
    }

    @Test
    void withoutADefectTheyPass() throws Exception {
        assertThat(run(UnaryOperator.identity(), REFUSED, NOTHING_CHANGED)).isEmpty();
    }

    /** Of all scripts that the lease stands before, only the acknowledging one has six arguments. */
    private static String withoutLease(String script) {
        return script.replace("\ndo\n", "\nif #ARGV ~= 6 then\n");
    }

    /** What the tests of those names find, where the script of the lease was changed so. */
    private static Optional<Throwable> run(UnaryOperator<String> change, String... tests) throws Exception {
        var type = new DefectiveScripts("lease.lua", change).loadClass(LeaseTest.class.getName());
        var results = EngineTestKit.engine("junit-jupiter")
                .selectors(Arrays.stream(type.getDeclaredMethods())
                        .filter(method -> Arrays.asList(tests).contains(method.getName()))
                        .map(method -> selectMethod(type, method))
                        .toArray(DiscoverySelector[]::new))
                .execute();
        assertThat(results.testEvents().finished().count()).as("tests that ran").isPositive();
        return results.allEvents().executions().failed().stream()
                .map(execution -> execution.getTerminationInfo().getExecutionResult())
                .map(TestExecutionResult::getThrowable)
                .flatMap(Optional::stream)
                .findFirst();
    }
}
