package dev.syncline.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.testkit.server.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A target that forgets what it has committed would make every promise of the example a lie. */
class ShopKillTest {

    @TempDir
    Path directory;

    @Test
    void whatIsCommittedSurvivesSigkill() throws Exception {
        long next = 1;
        for (long untilKill : new long[] {700, 30, 300}) {
            long said;
            try (var writer = ChildJvm.of(ShopWriter.class)
                    .args(directory.toString(), Long.toString(next))
                    .start()) {
                long enough = next + untilKill;
                writer.awaitLine(line -> Long.parseLong(line) >= enough, Duration.ofSeconds(60));
                writer.kill();
                var lines = writer.lines();
                said = Long.parseLong(lines.get(lines.size() - 1));
            }

            try (var shop = Shop.open(directory)) {
                var items = shop.items();
                for (long number = Math.max(1, said - ShopWriter.ARTICLES + 1); number <= said; number++) {
                    var expected = ShopWriter.item(number);
                    var item = items.get(expected.articleNo());
                    assertThat(item).as("article of transaction %d", number).isNotNull();
                    if (item.revision() == number) {
                        assertThat(item).isEqualTo(expected);
                    } else {
                        // The one that it was about to report when it died.
                        assertThat(item).isEqualTo(ShopWriter.item(said + 1));
                    }
                }
            }
            next = said + 1;
        }
    }
}
