package dev.syncline.runtime.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.syncline.api.ContractException;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OutboxException;
import dev.syncline.runtime.internal.outbox.Outgoing;
import dev.syncline.runtime.internal.wiring.Topics;
import dev.syncline.spi.Bytes;
import dev.syncline.spi.PayloadCodec;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishingTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    private final List<List<Outgoing>> documents = new ArrayList<>();
    private final List<byte[]> marks = new ArrayList<>();
    private final Publishing publishing = new Publishing();

    @EventType(value = "catalog.product.changed", version = 2)
    record Product(@EventKey String sku, String title) {}

    private void open() {
        var ids = new EventIds(7);
        var encoder = new EventEncoder(
                "shop",
                new TextCodec(),
                (type, version, contentType, data) -> {
                    if (data.asText().contains("forbidden")) {
                        throw new ContractException("contract.violated", "/title");
                    }
                },
                type -> new Topics.Place("default", type.substring(0, type.lastIndexOf('.'))),
                InstantSource.fixed(NOW),
                ids,
                100);
        publishing.open(encoder, (entries, marks) -> {
            documents.add(entries);
            this.marks.addAll(marks);
        });
    }

    @Test
    void completesAnEventAndSendsItToTheTopicOfItsType() {
        open();

        var published = publishing.publish(new Product("A-1", "Lamp"));

        assertThat(published.id()).isEqualTo("0000000000000007-000000000000");
        assertThat(published.source()).isEqualTo("shop");
        assertThat(published.time()).isEqualTo(NOW);
        var message = documents.get(0).get(0).message();
        assertThat(message.topic()).isEqualTo("catalog.product");
        assertThat(message.key()).isEqualTo("A-1");
        assertThat(message.attributes())
                .containsEntry("specversion", "1.0")
                .containsEntry("dataversion", "2")
                .containsEntry("partitionkey", "A-1")
                .containsEntry("datacontenttype", "text/plain");
    }

    @Test
    void anEventPassedAsAnObjectIsPublishedAsTheEventThatItIs() {
        open();
        Object event = Event.of("a.b.c", "text").withKey("k");

        publishing.publish(event);

        assertThat(documents.get(0).get(0).message().attribute("type")).isEqualTo("a.b.c");
    }

    @Test
    void aDeleteHasNoDataAndNoContentType() {
        open();

        publishing.publish(Event.delete("catalog.product.removed", "A-1").withVersion(8));

        var message = documents.get(0).get(0).message();
        assertThat(message.data()).isNull();
        assertThat(message.attributes()).doesNotContainKey("datacontenttype").containsKey("entityversion");
    }

    @Test
    void saysThatItIsNotStartedAndThatItIsClosed() {
        assertThatThrownBy(() -> publishing.publish(new Product("A-1", "Lamp")))
                .isInstanceOf(OutboxException.class)
                .hasMessageContaining("not started");
        open();
        publishing.close();
        assertThatThrownBy(() -> publishing.publish(new Product("A-1", "Lamp")))
                .isInstanceOf(OutboxException.class)
                .hasMessageContaining("closed");
    }

    @Nested
    class S22_nothingIsStoredOf {

        @Test
        void aPayloadWithoutEventType() {
            open();
            assertRefused("no.event.type", () -> publishing.publish("text"));
        }

        @Test
        void anEventWithoutKeyInItsPayload() {
            open();
            assertRefused("no.key", () -> publishing.publish(new Product("", "Lamp")));
        }

        @Test
        void input9_anAttributeWhoseNameCloudEventsForbids() {
            open();
            var received = Event.fromAttributes(Map.of("type", "a.b.c", "My-Name", "x"), "text");
            assertRefused("attribute.illegal", () -> publishing.publish(received));
        }

        @Test
        void input50_anEventBehindTooLongAChainOfCauses() {
            open();
            var cause = Event.fromAttributes(Map.of("id", "1", "causationdepth", "64"), "text");
            assertRefused(
                    "causation.too.deep",
                    () -> publishing.publish(Event.of("a.b.c", "text").causedBy(cause)));
        }

        @Test
        void input25_aPayloadThatBreaksItsSchema() {
            open();
            assertRefused("contract.violated", () -> publishing.publish(new Product("A-1", "forbidden")));
        }

        @Test
        void input30_aPayloadOverTheLimit() {
            open();
            assertRefused("payload.too.large", () -> publishing.publish(new Product("A-1", "x".repeat(200))));
        }

        @Test
        void input37_aKeyOverTheLimit() {
            open();
            assertRefused("key.too.large", () -> publishing.publish(new Product("k".repeat(1025), "Lamp")));
        }

        @ParameterizedTest
        @ValueSource(strings = {"a\u0000", "a\nb", "\ud800", "\ufdd0", "\u009f"})
        void input11_anAttributeThatCloudEventsForbids(String value) {
            open();
            var event = Event.of(new Product("A-1", "Lamp")).withAttribute("note", value);
            assertRefused("attribute.illegal", () -> publishing.publish(event));
        }

        @Test
        void aBatchOfWhichOneIsRefused() {
            open();
            assertRefused(
                    "contract.violated",
                    () -> publishing.publishAll(List.of(new Product("A-1", "Lamp"), new Product("A-2", "forbidden"))));
        }

        private void assertRefused(String code, Runnable publish) {
            assertThatThrownBy(publish::run)
                    .isInstanceOfSatisfying(
                            ContractException.class, e -> assertThat(e.code()).isEqualTo(code));
            assertThat(documents).isEmpty();
        }
    }

    @Nested
    class InsideAnAttempt {

        private final Event<?> cause = Event.of("a.b.c", "x").withId("e-1").withCorrelationId("c-9");

        @Test
        void nothingIsStoredBeforeTheAttemptSucceededAndThenAllInOneDocument() {
            open();
            var attempt = publishing.begin("h", List.of(cause));

            try (var scope = attempt.enter()) {
                publishing.publish(new Product("A-1", "Lamp"));
                publishing.publish(new Product("A-2", "Desk"));
            }

            assertThat(documents).isEmpty();
            attempt.commit(() -> List.of(new byte[] {7}));
            assertThat(documents).hasSize(1);
            assertThat(marks).containsExactly(new byte[] {7});
            assertThat(documents.get(0)).hasSize(2);
        }

        @Test
        void aFailedAttemptPublishesNothing() {
            open();
            var attempt = publishing.begin("h", List.of(cause));
            attempt.publish(new Product("A-1", "Lamp"));

            attempt.discard();

            assertThat(documents).isEmpty();
            assertThatThrownBy(() -> attempt.publish(new Product("A-1", "Lamp")))
                    .isInstanceOf(OutboxException.class)
                    .hasMessageContaining("is over");
        }

        @Test
        void repeatedAttemptsPublishUnderEqualIdsWithCorrelationAndCause() {
            open();
            var first = publishing.begin("h", List.of(cause));
            var a = first.publish(new Product("A-1", "Lamp"));
            var b = first.publish(new Product("A-1", "Lamp"));
            first.discard();
            var second = publishing.begin("h", List.of(cause));

            var again = second.publish(new Product("A-1", "Lamp"));

            assertThat(again.id()).isEqualTo(a.id()).isNotEqualTo(b.id());
            assertThat(again.correlationId()).isEqualTo("c-9");
            assertThat(again.causationId()).contains("e-1");
            assertThat(publishing
                            .begin("other", List.of(cause))
                            .publish(new Product("A-1", "Lamp"))
                            .id())
                    .isNotEqualTo(a.id());
        }

        @Test
        void input50_whatIsPublishedIsDeeperThanItsCauseAlsoWhenItIsHandedOnAsItCame() {
            open();
            Event<?> deep = Event.fromAttributes(
                    Map.of("type", "a.b.c", "id", "e-2", "source", "crm", "causationid", "e-1", "causationdepth", "7"),
                    "text");
            var attempt = publishing.begin("h", List.of(deep));

            assertThat(attempt.publish(new Product("A-1", "Lamp")).causationDepth())
                    .isEqualTo(8);
            assertThat(attempt.publish(deep).causationDepth()).isEqualTo(8);
            assertThat(publishing
                            .begin("h", List.of(cause))
                            .publish(new Product("A-1", "Lamp"))
                            .causationDepth())
                    .isEqualTo(1);
        }

        @Test
        void afterTheScopePublishingIsTheApplicationsAgain() {
            open();
            try (var scope = publishing.begin("h", List.of(cause)).enter()) {
                publishing.publish(new Product("A-1", "Lamp"));
            }

            publishing.publish(new Product("A-2", "Desk"));

            assertThat(documents).hasSize(1);
        }
    }

    /** Payloads as their text. */
    private static final class TextCodec implements PayloadCodec {
        @Override
        public String contentType() {
            return "text/plain";
        }

        @Override
        public boolean decodes(String mediaType) {
            return mediaType.equals("text/plain");
        }

        @Override
        public Bytes encode(Object payload) {
            return Bytes.utf8(payload.toString());
        }

        @Override
        public Object decode(Bytes data, Type type) {
            return data.asText();
        }
    }
}
