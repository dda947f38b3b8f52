package dev.syncline.testkit.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.testkit.kill.KillOracle.Fault;
import dev.syncline.testkit.kill.LedgerMain.Way;
import dev.syncline.testkit.server.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kills an application that keeps its promises, and some that break one each: the harness must tell them apart. */
class KillRunTest {

    @TempDir
    Path directory;

    private KillRun.Builder ledger(Way way) {
        return KillRun.of(life -> ChildJvm.of(LedgerMain.class)
                        .jvmArgs("-Xmx32m")
                        .args(directory.toString(), way.name(), Integer.toString(life)))
                .handler("ledger", 1)
                .journals(directory.resolve("journals"))
                .patience(Duration.ofSeconds(30));
    }

    @Test
    void whoKeepsItsPromisesLosesRepeatsAndReordersNothing() {
        var progress = new ArrayList<String>();

        var report =
                ledger(Way.NONE).kills(8).restEvery(5).progress(progress::add).run();

        assertThat(report.faults()).as(report.table()).isEmpty();
        assertThat(report.kills()).isEqualTo(8);
        assertThat(report.rests()).as("after 1, 5 and 8").isEqualTo(3);
        assertThat(report.percentAtWork()).isGreaterThanOrEqualTo(75);
        assertThat(report.accepted()).isPositive();
        assertThat(report.effects()).isGreaterThanOrEqualTo(report.accepted());
        assertThat(report.restarts()).isNotEmpty().isSorted();
        assertThat(progress)
                .hasSize(8 + 3)
                .last()
                .asString()
                .startsWith("8 kills (")
                .contains(" 0 lost,");
        assertThat(directory.resolve("journals")).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({"FORGETS, LOST", "REPEATS, REPEATED_TOO_OFTEN", "REORDERS, REORDERED", "INVENTS, PHANTOM"})
    void whoBreaksAPromiseIsFoundOut(Way way, Fault fault) {
        var report = ledger(way).kills(12).restEvery(4).run();

        assertThat(report.faults()).as(report.table()).containsKey(fault);
        assertThat(report.count(fault)).isPositive();
        assertThat(report.told()).isNotEmpty();
        assertThat(directory.resolve("journals"))
                .as("kept for who looks for the cause")
                .isNotEmptyDirectory();
    }

    @Test
    void whoDoesNotComeToWorkIsQuoted() {
        var run = KillRun.of(life -> ChildJvm.of(KillRunTest.class))
                .handler("ledger", 1)
                .journals(directory);

        assertThatThrownBy(run::run).hasMessageContaining("KillRunTest").hasMessageContaining("main");
    }
}
