package dev.syncline.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.api.Event;
import dev.syncline.examples.quickstart.QuickStart.Product;
import dev.syncline.examples.quickstart.QuickStart.ShopMappers;
import dev.syncline.examples.quickstart.QuickStart.ShopSync;
import dev.syncline.testkit.SyncLab;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How the quick start's handler is tested: quoted in README.md. */
class ShopSyncTest {

    // quoted from here
    private final ShopSync handler = new ShopSync();

    @RegisterExtension
    final SyncLab lab = SyncLab.with(handler).mappers(new ShopMappers());

    @Test
    void aLateUpdateDoesNotReviveARemovedProduct() {
        lab.publish(Event.delete("catalog.product.removed", "A-1").withVersion(8));
        lab.publish(new Product("A-1", 7, "Lamp", new BigDecimal("20.00")));
        lab.untilQuiet().assertNothingParked();
        assertThat(handler.shop()).isEmpty();
    }

    @Test
    void aKilledProcessGoesOnWhereItWas() {
        lab.publish(new Product("A-1", 7, "Lamp", new BigDecimal("20.00")));
        lab.faults(f -> f.duplicate(1)).crash().restart().untilQuiet().assertAppliedOnce();
        assertThat(handler.shop()).containsKey("A-1");
    }
    // to here
}
