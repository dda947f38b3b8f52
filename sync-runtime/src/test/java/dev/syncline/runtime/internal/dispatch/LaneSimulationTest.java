package dev.syncline.runtime.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

class LaneSimulationTest {

    private static final List<Logger> LOUD = Stream.of(
                    Recovery.class, ParkedKeys.class, LaneWatch.class, HandlerGate.class)
            .map(type -> (Logger) LoggerFactory.getLogger(type))
            .toList();

    /** Every seed blocks keys by the dozen, which is not news here. */
    @BeforeAll
    static void quiet() {
        LOUD.forEach(logger -> logger.setLevel(Level.OFF));
    }

    @AfterAll
    static void loud() {
        LOUD.forEach(logger -> logger.setLevel(null));
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Integer.getInteger("sim.seeds", 100));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void s7_s8_s9_s16_l5_holdUnderFailuresRevocationsAndLateCompletions(long seed) {
        new LaneSimulation(seed).run();
    }

    @Test
    void s16_theSeedsOpenTheBreakerAndPullTheBrake() {
        var traces = LongStream.rangeClosed(1, 20)
                .mapToObj(seed -> new LaneSimulation(seed).run())
                .toList();

        assertThat(traces.stream().filter(trace -> trace.contains("OPEN\n")).count())
                .isGreaterThan(5);
        assertThat(traces.stream().filter(trace -> trace.contains("brake\n")).count())
                .isGreaterThan(3);
    }

    @Test
    void equalSeedsGiveEqualTraces() {
        assertThat(new LaneSimulation(42).run()).isEqualTo(new LaneSimulation(42).run());
    }
}
