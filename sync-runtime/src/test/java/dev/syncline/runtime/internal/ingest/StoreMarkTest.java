package dev.syncline.runtime.internal.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.log.StoreLives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreMarkTest {

    @TempDir
    Path data;

    private StoreMark mark(long life, String... adopted) {
        return new StoreMark("ours", Set.of(adopted), StoreLives.begin(data, life));
    }

    @Test
    void aPositionOfAnEarlierLifeFitsAndOneOfALifeThatTheDirectoryDidNotHaveDoesNot() {
        var first = mark(1).metadata();
        var second = mark(2);

        assertThat(first).isEqualTo("syncline/1 store=ours life=0000000000000001");
        assertThat(second.fits(first)).isTrue();
        assertThat(second.fits(second.metadata())).isTrue();
        assertThat(second.fits("syncline/1 store=ours life=0000000000000003")).isFalse();
        assertThat(second.remedies("shop", "syncline/1 store=ours life=0000000000000003"))
                .contains("backup", "handlers.shop.adopt=ours");
        assertThat(mark(4, "ours").fits("syncline/1 store=ours life=0000000000000003"))
                .isTrue();
    }

    @Test
    void aLifeThatBeganMeanwhileIsTheOneThatIsWritten() {
        var lives = StoreLives.begin(data, 1);
        var mark = new StoreMark("ours", Set.of(), lives);
        lives.renew(2);

        assertThat(mark.metadata()).endsWith(" life=0000000000000002");
        assertThat(mark.fits("syncline/1 store=ours life=0000000000000001")).isTrue();
    }

    @Test
    void anotherStoreDoesNotFitUnlessItIsAdoptedAndNeitherDoesItsLife() {
        assertThat(mark(1).fits("syncline/1 store=other life=0000000000000001")).isFalse();
        assertThat(mark(2, "other").fits("syncline/1 store=other life=00000000000000ff"))
                .isTrue();
        assertThat(mark(3, "*").fits("syncline/1 store=other")).isTrue();
        assertThat(mark(4).fits("")).isTrue();
        assertThat(mark(5).fits("of another tool")).isTrue();
    }

    /** Positions of releases that wrote no lives. */
    @Test
    void s28_aPositionWithoutALifeIsGood() {
        assertThat(mark(1).fits("syncline/1 store=ours")).isTrue();
    }

    @Test
    void s28_aFileOfANewerReleaseIsRefused() throws IOException {
        Files.writeString(data.resolve("store.lives"), "syncline-lives 2\n");

        assertThatThrownBy(() -> StoreLives.begin(data, 1))
                .isInstanceOf(OutboxException.class)
                .hasMessageContaining("newer release");
    }
}
