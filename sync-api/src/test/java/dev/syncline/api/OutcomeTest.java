package dev.syncline.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeTest {

    @Test
    void input52_delaysAreClamped() {
        assertThat(Outcome.retryAfter(Duration.ofSeconds(-1), "x").delay()).contains(Duration.ZERO);
        assertThat(Outcome.hold(Duration.ofDays(3650), "x").delay()).contains(Duration.ofDays(1));
        assertThat(Outcome.hold(Duration.ofSeconds(30), "x").delay()).contains(Duration.ofSeconds(30));
    }

    @Test
    void anAnswerThatIsThrownCarriesNoStackUnlessItHasACause() {
        assertThat(Outcome.reject("no").asException().getStackTrace()).isEmpty();
        var cause = new IllegalStateException();
        assertThat(Outcome.reject("no").asException(cause))
                .hasCause(cause)
                .satisfies(e -> assertThat(e.getStackTrace()).isNotEmpty());
    }

    @Test
    void publishIsDoneWithEvents() {
        var outcome = Outcome.publish("a", "b");

        assertThat(outcome.kind()).isEqualTo(Outcome.Kind.DONE);
        assertThat(outcome.events()).containsExactly("a", "b");
    }

    @Test
    void aBatchIsDoneExceptWhatIsNamed() {
        var out = BatchOutcome.done().except(2, Outcome.reject("no")).except(0, Outcome.skip("old"));

        assertThat(out.at(0).kind()).isEqualTo(Outcome.Kind.SKIP);
        assertThat(out.at(1).kind()).isEqualTo(Outcome.Kind.DONE);
        assertThat(out.exceptions().keySet()).containsExactly(0, 2);
        assertThat(BatchOutcome.done().exceptions()).isEmpty();
        assertThatThrownBy(() -> out.except(-1, Outcome.done())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void severalProblemsAreListedOneIsSaidPlainly() {
        assertThat(new ConfigurationException("one")).hasMessage("one");
        assertThat(new ConfigurationException(List.of("one", "two")))
                .hasMessageContaining("2 problems")
                .hasMessageContaining("- two");
        assertThatThrownBy(() -> new ConfigurationException(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSecretPrintsAsStars() {
        var secret = Secret.of("hunter2");

        assertThat(secret).hasToString("***").isEqualTo(Secret.of("hunter2")).isNotEqualTo(Secret.of("hunter3"));
        assertThat(secret.reveal()).isEqualTo("hunter2");
    }

    @Test
    void theFirstDeliveryAndChangesAreThereForTests() {
        assertThat(Delivery.first().attempt()).isEqualTo(1);
        assertThatThrownBy(() -> new Delivery("h", 0, false, Delivery.Mode.LIVE, java.time.Instant.EPOCH))
                .isInstanceOf(IllegalArgumentException.class);
        Change<String> upsert = Change.upsert("x");
        assertThat(upsert)
                .isInstanceOfSatisfying(
                        Change.Upsert.class, u -> assertThat(u.value()).isEqualTo("x"));
        assertThat(Change.<String>delete("k").key()).isEqualTo("k");
    }
}
