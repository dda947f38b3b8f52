package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

class LaneSimulationTest {

    private static final Logger RECOVERY = (Logger) LoggerFactory.getLogger(Recovery.class);

    /** Every seed blocks keys by the dozen, which is not news here. */
    @BeforeAll
    static void quiet() {
        RECOVERY.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        RECOVERY.setLevel(null);
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Integer.getInteger("sim.seeds", 100));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void s7_s8_s9_holdUnderFailuresRevocationsAndLateCompletions(long seed) {
        new LaneSimulation(seed).run();
    }

    @Test
    void equalSeedsGiveEqualTraces() {
        assertThat(new LaneSimulation(42).run()).isEqualTo(new LaneSimulation(42).run());
    }
}
