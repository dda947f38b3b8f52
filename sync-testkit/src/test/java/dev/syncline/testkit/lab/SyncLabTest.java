package dev.syncline.testkit.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.OutboxFullException;
import dev.syncline.testkit.SyncLab;
import dev.syncline.testkit.lab.Shop.Product;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SyncLabTest {

    private final Shop shop = new Shop();

    @RegisterExtension
    final SyncLab lab = SyncLab.with(shop);

    @Test
    void whatIsPublishedReachesTheHandlerInOrder() {
        IntStream.range(0, 100).forEach(i -> lab.publish(new Product("A-" + i % 7, i, "Lamp")));

        lab.untilQuiet().assertNothingParked().assertAppliedOnce().assertOrderPerKey();

        assertThat(shop.log).hasSize(100);
        assertThat(shop.items).hasSize(7);
    }

    @Test
    void lateUpdateDoesNotReviveARemovedProduct() {
        lab.publish(Shop.removal("A-1", 8));
        lab.publish(new Product("A-1", 7, "Lamp"));

        lab.untilQuiet().assertNothingParked();

        assertThat(shop.items).isEmpty();
    }

    @Test
    void aParkedUpdateNeverBringsBackWhatALaterDeleteRemoved() {
        shop.isAway = product -> true;
        lab.publish(new Product("A-1", 7, "Lamp"), Shop.removal("A-1", 8)).id();
        lab.untilQuiet();
        assertThat(lab.parked())
                .singleElement()
                .satisfies(key -> assertThat(key.key()).isEqualTo("A-1"));
        assertThat(shop.log).isEmpty();

        shop.isAway = product -> false;
        lab.advance(Duration.ofMinutes(1)).untilQuiet().assertNothingParked().assertOrderPerKey();

        assertThat(shop.log).containsExactly("A-1 7", "A-1 removed");
        assertThat(shop.items).isEmpty();
    }

    @Test
    void aDayOfAttemptsPassesInNoTimeAndEndsInADeadLetter() {
        shop.isAway = product -> product.sku().equals("A-1");
        lab.publish(new Product("A-1", 1, "Lamp"), new Product("B-2", 1, "Desk"));
        var begin = lab.now();

        lab.advance(Duration.ofHours(40)).untilQuiet();

        assertThat(lab.now()).isAfter(begin.plus(Duration.ofHours(39)));
        assertThat(lab.deadLetters())
                .singleElement()
                .satisfies(letter -> assertThat(letter.key()).isEqualTo("A-1"));
        assertThat(shop.log).containsExactly("B-2 1");

        shop.isAway = product -> false;
        var isRedriven =
                lab.await(lab.sync().deadLetters().redrive(lab.deadLetters().get(0)));
        lab.untilQuiet().assertNothingParked();
        assertThat(isRedriven).isTrue();
        assertThat(shop.items).containsKeys("A-1", "B-2");
    }

    @Test
    void duplicatesAndRepeatsAreAppliedOnce() {
        lab.faults(f -> f.duplicate(5).loseConfirmations(2));
        IntStream.range(0, 50).forEach(i -> lab.publish(new Product("A-" + i % 3, i, "Lamp")));
        lab.untilQuiet();

        lab.faults(f -> f.redeliver()).untilQuiet();

        lab.assertAppliedOnce().assertOrderPerKey();
        assertThat(shop.log).hasSize(50);
        assertThat(lab.sync().health().handlers().get("shop").duplicates()).isGreaterThanOrEqualTo(50);
    }

    @Test
    void whatWasPublishedSurvivesACrashAtAnyMoment() {
        for (int touch = 0; touch < 60; touch++) {
            int at = touch;
            lab.close();
            shop.log.clear();
            lab.publish(new Product("A-1", 1, "Lamp"), new Product("B-2", 1, "Desk"));
            lab.faults(f -> f.crashAfter(at)).advance(Duration.ofSeconds(10));

            lab.restart().untilQuiet();

            assertThat(shop.log).contains("A-1 1", "B-2 1");
            lab.assertOrderPerKey();
        }
    }

    @Test
    void aCrashLosesWhatIsInMemoryAndNothingElse() {
        lab.faults(f -> f.brokerAway());
        lab.publish(new Product("A-1", 1, "Lamp"));
        lab.advance(Duration.ofSeconds(1)).crash();

        assertThatThrownBy(() -> lab.publish(new Product("A-1", 2, "Lamp")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("restart()");
        lab.faults(f -> f.brokerBack()).restart().untilQuiet();

        assertThat(shop.log).containsExactly("A-1 1");
    }

    @Test
    void aPowerFailureTakesNothingUnderDiskDurability() {
        lab.close();
        var durable = SyncLab.with(shop).settings(java.util.Map.of("outbox.durability", "disk"));
        try (durable) {
            durable.faults(f -> f.brokerAway());
            IntStream.range(0, 20).forEach(i -> durable.publish(new Product("A-1", i, "Lamp")));
            durable.losePower().faults(f -> f.brokerBack()).restart().untilQuiet();
        }
        assertThat(shop.log).hasSize(20);
    }

    @Test
    void aFullDiskRefusesAndLosesNothing() {
        lab.publish(new Product("A-1", 1, "Lamp"));
        lab.faults(f -> f.diskFull());
        assertThatThrownBy(() -> lab.publish(new Product("A-1", 2, "Lamp"))).isInstanceOf(OutboxFullException.class);

        lab.faults(f -> f.diskHasRoom());
        lab.publish(new Product("A-1", 3, "Lamp"));
        lab.untilQuiet().assertNothingParked();

        assertThat(shop.log).containsExactly("A-1 1", "A-1 3");
    }

    @Test
    void wallClockJumpsChangeNoPause() {
        shop.isAway = product -> true;
        lab.publish(new Product("A-1", 1, "Lamp"));
        lab.untilQuiet().faults(f -> f.clockJumps(Duration.ofDays(-2)));
        shop.isAway = product -> false;

        lab.advance(Duration.ofSeconds(2)).untilQuiet().assertNothingParked();

        assertThat(lab.now()).isBefore(Instant.parse("2025-12-31T00:00:00Z"));
    }

    @Test
    void equalSeedsGiveEqualRuns() {
        assertThat(logOf(5)).isEqualTo(logOf(5));
        assertThat(IntStream.range(0, 10)
                        .mapToObj(SyncLabTest::logOf)
                        .distinct()
                        .count())
                .isGreaterThan(1);
    }

    private static java.util.List<String> logOf(long seed) {
        var shop = new Shop();
        try (var lab = SyncLab.with(shop).seed(seed)) {
            IntStream.range(0, 40).forEach(i -> lab.publish(new Product("A-" + i % 9, i, "Lamp")));
            lab.untilQuiet();
        }
        return shop.log;
    }

    @Test
    void whatIsNotQuietNamesTheSeed() {
        lab.faults(f -> f.brokerAway());
        lab.publish(new Product("A-1", 1, "Lamp"));

        assertThatThrownBy(lab::untilQuiet).isInstanceOf(AssertionError.class).hasMessageContaining("SyncLab seed 1");
    }

    @Test
    void startsFast() {
        lab.publish(new Product("A-1", 1, "Lamp"));
        long begin = System.nanoTime();
        for (int i = 0; i < 10; i++) {
            lab.close();
            lab.publish(new Product("A-1", 1, "Lamp"));
            lab.untilQuiet();
        }
        System.out.println("a lab takes " + (System.nanoTime() - begin) / 10_000_000 + " ms");
    }
}
