package dev.syncline.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.syncline.spi.Position;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EntryIdTest {

    @Test
    void idsArePositionsAndBack() {
        assertThat(EntryId.parse("1700000000123-7")).isEqualTo(new Position(1700000000123L, 7));
        assertThat(EntryId.parse("1700000000123-7")).hasToString("1700000000123-7");
        assertThat(EntryId.parse("0-0")).isEqualTo(EntryId.ZERO);
    }

    /** Redis has unsigned numbers of 64 bits, and foreign programs may choose ids. */
    @Test
    void highestIdThatThereIsKeepsItsPlace() {
        var highest = EntryId.parse("18446744073709551615-18446744073709551615");

        assertThat(highest).hasToString("18446744073709551615-18446744073709551615");
        assertThat(highest).isGreaterThan(EntryId.parse("9223372036854775807-0"));
        assertThat(EntryId.time(highest)).isAfter(Instant.parse("9999-12-31T00:00:00Z"));
    }

    @Test
    void timeIsInTheId() {
        assertThat(EntryId.time(EntryId.parse("1700000000123-7"))).isEqualTo(Instant.ofEpochMilli(1700000000123L));
    }

    @Test
    void whatWasSentAtATimeComesAfterTheIdBeforeIt() {
        var before = EntryId.before(Instant.ofEpochMilli(1000));

        assertThat(before).isLessThan(EntryId.parse("1000-0"));
        assertThat(before).isGreaterThan(EntryId.parse("999-9999999"));
    }

    @Test
    void partOfAMillisecondBelongsToTheNextOne() {
        assertThat(EntryId.before(Instant.ofEpochMilli(1000).plusNanos(1)))
                .isGreaterThan(EntryId.parse("1000-9999999"))
                .isLessThan(EntryId.parse("1001-0"));
    }

    @Test
    void timesThatNoIdCanSayAreTheEnds() {
        assertThat(EntryId.before(Instant.MIN)).isEqualTo(EntryId.ZERO);
        assertThat(EntryId.before(Instant.EPOCH)).isEqualTo(EntryId.ZERO);
        assertThat(EntryId.before(Instant.MAX)).hasToString("18446744073709551615-18446744073709551615");
    }
}
