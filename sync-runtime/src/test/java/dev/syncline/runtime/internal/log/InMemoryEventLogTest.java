package dev.syncline.runtime.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InMemoryEventLogTest extends EventLogContract {

    @Override
    EventLog open() {
        return new InMemoryEventLog(60_000);
    }

    @Override
    EventLog afterKill() {
        return ((InMemoryEventLog) log).afterKill();
    }

    @Test
    void powerFailureTakesWhatWasNotForced() {
        long kept = append(0);
        log.force();
        append(1);

        log = ((InMemoryEventLog) log).afterPowerLoss();

        assertThat(readAll(0)).containsExactly(kept);
        append(1);
        assertThat(readAll(0)).hasSize(2);
    }
}
