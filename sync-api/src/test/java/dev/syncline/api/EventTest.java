package dev.syncline.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventTest {

    @EventType(value = "catalog.product.changed", version = 2)
    record Product(@EventKey String sku, @EntityVersion long revision, String title) {}

    @EventType(value = "catalog.product.removed", kind = EventType.Kind.DELETE)
    record ProductRemoved(@EventKey UUID id, @EntityVersion Instant when) {}

    @EventType("shop.price.set")
    record Price(String shop, String sku) {
        @EventKey
        String both() {
            return shop + "/" + sku;
        }
    }

    static class Base {
        @EventKey
        @SuppressWarnings("UnusedVariable") // read by its mark
        private final long id = 7;
    }

    @EventType("crm.customer.changed")
    static final class Customer extends Base {}

    enum Size {
        SMALL
    }

    @EventType("a.b.c")
    record TwoKeys(@EventKey String one, @EventKey String two) {}

    @EventType("a.b.c")
    record BadKey(@EventKey BigDecimal key) {}

    @EventType("a.b.c")
    record BySize(@EventKey Size size) {}

    @EventType("a.b.c")
    record BadVersion(@EntityVersion String version) {}

    @Nested
    class FromAPayload {

        @Test
        void typeVersionsAndKeyComeFromItsAnnotations() {
            var event = Event.of(new Product("A-1", 7, "Lamp"));

            assertThat(event.type()).isEqualTo("catalog.product.changed");
            assertThat(event.dataVersion()).isEqualTo(2);
            assertThat(event.key()).isEqualTo("A-1");
            assertThat(event.version()).hasValue(7);
            assertThat(event.attributes()).containsEntry("entityversion", "0000000000000000007");
            assertThat(event.isDelete()).isFalse();
            assertThat(event.payload().title()).isEqualTo("Lamp");
        }

        @Test
        void aDeleteWithABodyIsADelete() {
            var id = UUID.fromString("00000000-0000-0001-0000-000000000002");
            var event = Event.of(new ProductRemoved(id, Instant.parse("2026-03-01T10:00:00.000001Z")));

            assertThat(event.isDelete()).isTrue();
            assertThat(event.hasPayload()).isTrue();
            assertThat(event.key()).isEqualTo(id.toString());
            assertThat(event.version()).hasValue(1772359200000001L);
        }

        @Test
        void aKeyMayBeAMethodAPrivateInheritedFieldOrAnEnum() {
            assertThat(Event.of(new Price("north", "A-1")).key()).isEqualTo("north/A-1");
            assertThat(Event.of(new Customer()).key()).isEqualTo("7");
            assertThat(Event.of(new BySize(Size.SMALL)).key()).isEqualTo("SMALL");
        }

        @Test
        void withoutEventTypeTheErrorNamesTheOtherWay() {
            assertThatThrownBy(() -> Event.of("text"))
                    .isInstanceOf(ContractException.class)
                    .hasMessageContaining("Event.of(type, payload)");
        }

        @Test
        void wrongMarksAreRefusedNamingTheClass() {
            assertThatThrownBy(() -> Event.of(new TwoKeys("a", "b")))
                    .isInstanceOf(ContractException.class)
                    .hasMessageContaining("TwoKeys")
                    .hasMessageContaining("2 members");
            assertThatThrownBy(() -> Event.of(new BadKey(BigDecimal.ONE)))
                    .isInstanceOf(ContractException.class)
                    .hasMessageContaining("BigDecimal");
            assertThatThrownBy(() -> Event.of(new BadVersion("1")))
                    .isInstanceOf(ContractException.class)
                    .hasMessageContaining("long, int or Instant");
        }

        @Test
        void anEmptyKeyAndANegativeVersionAreRefused() {
            assertThatThrownBy(() -> Event.of(new Product("", 1, "x"))).isInstanceOf(ContractException.class);
            assertThatThrownBy(() -> Event.of(new Product("A-1", -1, "x")))
                    .isInstanceOf(ContractException.class)
                    .hasMessageContaining("negative");
        }
    }

    @Nested
    class ByName {

        @Test
        void aMapIsAPayload() {
            var event = Event.of("directus.items.articles", Map.of("id", 1))
                    .withKey("1")
                    .withOrigin("directus");

            assertThat(event.key()).isEqualTo("1");
            assertThat(event.origin()).isEqualTo("directus");
            assertThat(event.dataVersion()).isEqualTo(1);
        }

        @Test
        void aDeleteWithoutDataHasNoPayloadAndSaysWhatToDo() {
            var event = Event.delete("catalog.product.removed", "A-1").withVersion(8);

            assertThat(event.isDelete()).isTrue();
            assertThat(event.hasPayload()).isFalse();
            assertThatThrownBy(event::payload)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("isDelete()");
        }
    }

    @Nested
    class Envelope {

        @Test
        void accessorsAreTotalBeforePublication() {
            var event = Event.of("a.b.c", "x");

            assertThat(event.id()).isEmpty();
            assertThat(event.source()).isEmpty();
            assertThat(event.origin()).isEmpty();
            assertThat(event.time()).isEqualTo(Instant.EPOCH);
            assertThat(event.correlationId()).isEmpty();
            assertThat(event.causationId()).isEmpty();
            assertThat(event.version()).isEmpty();
        }

        @Test
        void whatSendersWriteWrongDoesNotThrow() {
            var event = Event.fromAttributes(
                    Map.of("type", "t", "time", "yesterday", "dataversion", "two", "entityversion", "x"), "x");

            assertThat(event.time()).isEqualTo(Instant.EPOCH);
            assertThat(event.dataVersion()).isEqualTo(1);
            assertThat(event.version()).isEmpty();
        }

        @Test
        void keyDefaultsToSubjectAndOriginToSource() {
            var event = Event.fromAttributes(Map.of("type", "t", "subject", "s", "source", "shop"), "x");

            assertThat(event.key()).isEqualTo("s");
            assertThat(event.origin()).isEqualTo("shop");
        }

        @Test
        void aChainKeepsItsCorrelation() {
            var first = Event.of("a.b.c", "x").withId("1");
            var second = Event.of("a.b.d", "y").withId("2").causedBy(first);
            var third = Event.of("a.b.e", "z").causedBy(second);

            assertThat(third.correlationId()).isEqualTo("1");
            assertThat(third.causationId()).contains("2");
            assertThat(first.causationDepth()).isZero();
            assertThat(third.causationDepth()).isEqualTo(2);
        }

        @Test
        void withMethodsLeaveTheOriginalAlone() {
            var event = Event.of("a.b.c", "x");

            event.withKey("k").withId("i").withAttribute("tenant", "north");

            assertThat(event).isEqualTo(Event.of("a.b.c", "x"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"Tenant", "ten-ant", "", "ten_ant"})
        void input9_attributeNamesThatCloudEventsForbidsAreRefused(String name) {
            assertThatThrownBy(() -> Event.of("a.b.c", "x").withAttribute(name, "v"))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @ParameterizedTest
        @ValueSource(strings = {"id", "type", "outboxseq", "data", "specversion"})
        void attributesThatHaveAMethodOfTheirOwnAreRefused(String name) {
            assertThatThrownBy(() -> Event.of("a.b.c", "x").withAttribute(name, "v"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("method of its own");
        }

        @Test
        void printsNoPayload() {
            assertThat(Event.of(new Product("A-1", 7, "secret title")).toString())
                    .contains("A-1")
                    .doesNotContain("secret");
        }
    }
}
