package dev.syncline.runtime.internal.handling;

import static dev.syncline.runtime.internal.wiring.Wire.app;
import static dev.syncline.runtime.internal.wiring.Wire.attributes;
import static dev.syncline.runtime.internal.wiring.Wire.envelope;
import static dev.syncline.runtime.internal.wiring.Wire.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.syncline.api.BatchOutcome;
import dev.syncline.api.ContractException;
import dev.syncline.api.Delivery;
import dev.syncline.api.Event;
import dev.syncline.api.EventKey;
import dev.syncline.api.EventType;
import dev.syncline.api.OnEvent;
import dev.syncline.api.OutboxException;
import dev.syncline.api.Outcome;
import dev.syncline.api.SyncHandler;
import dev.syncline.runtime.internal.envelope.Envelope;
import dev.syncline.runtime.internal.wiring.Wire;
import dev.syncline.spi.Bytes;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How an attempt ends: verdicts, and what becomes of what was published. */
class AttemptsTest {

    @EventType(value = "orders.order.placed", kind = EventType.Kind.DELTA)
    record Placed(@EventKey String id, int count) {}

    @EventType(value = "stock.item.reserved", kind = EventType.Kind.DELTA)
    record Reserved(@EventKey String sku) {}

    interface Body<A, R> {
        R run(A argument) throws Throwable;
    }

    private static final Placed PLACED = new Placed("o-1", 1);

    @AfterEach
    void noInterruptionIsLeft() {
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @SyncHandler(
            value = "h",
            target = "erp",
            modes = {Delivery.Mode.LIVE, Delivery.Mode.REPLAY},
            rejectOn = {IllegalArgumentException.class, IOException.class},
            holdOn = ConnectException.class)
    static final class OneByOne {
        private final Body<Placed, Outcome> body;

        OneByOne(Body<Placed, Outcome> body) {
            this.body = body;
        }

        @OnEvent
        Outcome on(Placed placed) throws Throwable {
            return body.run(placed);
        }
    }

    @Nested
    class OutcomesAndExceptions {

        static Stream<Arguments> endings() {
            return Stream.of(
                    ending(p -> Outcome.done(), "done"),
                    ending(p -> Outcome.skip("not ours"), "skipped skip not ours"),
                    ending(p -> Outcome.retryAfter(Duration.ofSeconds(3), "busy"), "failed retry.after busy PT3S"),
                    ending(p -> Outcome.hold(Duration.ofSeconds(9), "away"), "held away PT9S"),
                    ending(p -> Outcome.reject("never"), "rejected rejected never"),
                    ending(p -> null, "failed null.outcome"),
                    ending(p -> throwing(Outcome.reject("deep").asException()), "rejected rejected deep"),
                    ending(
                            p -> throwing(Outcome.hold(Duration.ZERO, "x").asException(new IOException())),
                            "held x PT0S"),
                    ending(p -> throwing(new IllegalStateException("boom")), "failed handler.failed"),
                    ending(p -> throwing(new Exception("checked")), "failed handler.failed"),
                    ending(p -> throwing(new NumberFormatException("7")), "rejected reject.on"),
                    ending(p -> throwing(new IOException("7")), "rejected reject.on"),
                    ending(p -> throwing(new ConnectException("no")), "held java.net.ConnectException: no PT30S"),
                    ending(
                            p -> throwing(new CompletionException(new ExecutionException(new ConnectException("no")))),
                            "held java.net.ConnectException: no PT30S"),
                    ending(p -> throwing(new ContractException("no.key", "x")), "rejected no.key"),
                    ending(p -> throwing(new OutboxException("disk")), "failed outbox"),
                    ending(p -> throwing(new InterruptedException()), "failed interrupted"),
                    ending(p -> throwing(new AssertionError("bug")), "rejected handler.error"),
                    ending(p -> throwing(new NoClassDefFoundError("x/Y")), "rejected handler.error"),
                    ending(p -> overflow(0), "rejected handler.error"));
        }

        private static Arguments ending(Body<Placed, Outcome> body, String expected) {
            return Arguments.of(body, expected);
        }

        @ParameterizedTest
        @MethodSource("endings")
        void input50_eachEndsInItsVerdict(Body<Placed, Outcome> body, String expected) {
            var verdict = app().handlers(new OneByOne(body)).handle(event(PLACED));

            assertThat(text(verdict)).startsWith(expected);
        }

        @Test
        void input50_anInterruptionEndsWithTheAttempt() {
            var app = app().handlers(new OneByOne(placed -> {
                Thread.currentThread().interrupt();
                return Outcome.done();
            }));

            assertThat(app.handle(event(PLACED))).isEqualTo(Verdict.DONE);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }

        @Test
        void input50_anErrorOfTheMachineGoesOnUpAfterTheVerdict() {
            var app = app().handlers(new OneByOne(placed -> throwing(new OutOfMemoryError("simulated"))));
            var ended = new ArrayList<Verdict>();
            var attempt = new Attempt(
                    0,
                    List.of(event(PLACED)),
                    delivery(Delivery.Mode.LIVE),
                    (which, verdicts) -> ended.addAll(verdicts));

            assertThatExceptionOfType(OutOfMemoryError.class)
                    .isThrownBy(() -> app.handling("h").attempt(attempt));
            assertThat(ended).singleElement().isInstanceOf(Verdict.Failed.class);
            assertThat(app.published).extracting(publisher -> publisher.end).containsExactly("discarded");
        }

        @Test
        void input50_aFailureThatCannotBeAskedIsNamedByItsClass() {
            var verdict = app().handlers(new OneByOne(placed -> throwing(new IllegalStateException() {
                        private static final long serialVersionUID = 1L;

                        @Override
                        public String getMessage() {
                            throw new IllegalStateException("not even that");
                        }
                    })))
                    .handle(event(PLACED));

            assertThat(text(verdict)).startsWith("failed handler.failed " + AttemptsTest.class.getName());
        }

        @Test
        void input62_whatIsThrownIsToldHarmless() {
            var verdict = app().handlers(new OneByOne(placed -> throwing(new IllegalStateException("\u001b[31m\r\n"))))
                    .handle(event(PLACED));

            assertThat(((Verdict.Failed) verdict).detail()).doesNotContain("\u001b", "\r", "\n");
        }
    }

    @Nested
    class BeforeTheHandler {

        private final List<Placed> seen = new ArrayList<>();
        private final Wire app = app().handlers(new OneByOne(placed -> {
            seen.add(placed);
            return Outcome.done();
        }));

        @Test
        void anEnvelopeWithAProblemIsRejected() {
            var attributes = attributes("orders.order.placed", 1);
            attributes.remove("id");

            assertThat(text(app.handle(envelope(attributes, Bytes.utf8("{}"))))).startsWith("rejected missing.id");
            assertThat(seen).isEmpty();
        }

        @Test
        void input3_aForeignTombstoneIsSkipped() {
            var envelope = envelope(java.util.Map.of(), null);

            assertThat(text(app.handle(envelope))).startsWith("skipped foreign.tombstone");
        }

        @Test
        void anEchoIsDropped() {
            assertThat(text(app.handle(event(Event.of(PLACED).withOrigin("erp")))))
                    .isEqualTo("skipped echo erp");
            assertThat(app.handle(event(Event.of(PLACED).withOrigin("crm")))).isEqualTo(Verdict.DONE);
            assertThat(seen).hasSize(1);
        }

        @Test
        void modesThatAreNotTakenAreSkipped() {
            var attributes = new java.util.HashMap<>(event(PLACED).message().attributes());
            attributes.put("mode", "backfill");
            assertThat(text(app.handle(envelope(attributes, Bytes.utf8("not even decoded")))))
                    .isEqualTo("skipped mode BACKFILL");
            attributes.put("mode", "replay");
            assertThat(app.handle(envelope(attributes, Bytes.utf8("{\"id\":\"o\",\"count\":1}"))))
                    .isEqualTo(Verdict.DONE);
        }

        @ParameterizedTest
        @ValueSource(strings = {"{", "", "[]", "{\"count\":\"x\"}", "null"})
        void whatCannotBeDecodedIsRejected(String json) {
            assertThat(text(app.handle(event("orders.order.placed", 1, json)))).startsWith("rejected payload.");
        }

        @Test
        void input17_anotherContentTypeNeedsACodec() {
            assertThat(text(app.handle(withType("application/x-foo")))).startsWith("rejected no.codec");
        }

        @Test
        void input16_18_typesAndCharsets() {
            assertThat(app.handle(withType("Application/JSON; Charset=UTF-8"))).isEqualTo(Verdict.DONE);
            assertThat(app.handle(withType("application/vnd.order+json"))).isEqualTo(Verdict.DONE);
            assertThat(text(app.handle(withType("application/json; charset=utf-16"))))
                    .startsWith("rejected unsupported.charset");
        }

        @Test
        void input21_unknownTypesHaveNoRoute() {
            assertThat(app.handling("h").route(event("orders.order.shipped", 1, "{}")))
                    .isEqualTo(Handling.UNHANDLED);
        }

        @Test
        void input23_newerVersionsAreRejectedByName() {
            assertThat(text(app.handle(event("orders.order.placed", 2, "{}"))))
                    .startsWith("rejected unsupported.version orders.order.placed v2 is not known to")
                    .contains("knows versions [1]");
        }

        @Test
        void aDeleteThatNobodyTakesIsRejected() {
            assertThat(text(app.handle(event("orders.order.placed", 1, null))))
                    .startsWith("rejected delete.unhandled")
                    .contains("Change<T>");
        }

        @Test
        void aCodecThatFailsIsContained() {
            var broken = app().handlers(new OneByOne(placed -> Outcome.done()))
                    .codec(new Wire.BrokenCodec(new IllegalStateException("bug")));

            assertThat(text(broken.handle(event(PLACED)))).startsWith("rejected codec.failed");
        }

        private Envelope withType(String contentType) {
            var attributes = attributes("orders.order.placed", 1);
            attributes.put("datacontenttype", contentType);
            return envelope(attributes, Bytes.utf8("{\"id\":\"o\",\"count\":1}"));
        }
    }

    @Nested
    class Publishing {

        @SyncHandler("r")
        static final class Returns {
            @OnEvent
            Reserved on(Placed placed) {
                return placed.count() > 0 ? new Reserved(placed.id()) : null;
            }
        }

        @Test
        void whatIsReturnedIsPublishedBeforeTheVerdict() {
            var app = app().handlers(new Returns());

            assertThat(app.handle(event(PLACED))).isEqualTo(Verdict.DONE);
            assertThat(app.published).singleElement().satisfies(publisher -> {
                assertThat(publisher.end).isEqualTo("committed");
                assertThat(publisher.handler).isEqualTo("r");
                assertThat(publisher.causes).extracting(Event::key).containsExactly("o-1");
                assertThat(publisher.events).extracting(Event::payload).isEqualTo(List.of(new Reserved("o-1")));
                assertThat(publisher.entered).as("scopes left open").isZero();
            });
        }

        @Test
        void nothingReturnedPublishesNothing() {
            var app = app().handlers(new Returns());

            assertThat(app.handle(event(new Placed("o-1", 0)))).isEqualTo(Verdict.DONE);
            assertThat(app.published.get(0).events).isEmpty();
        }

        @Test
        void anOutcomeMayPublishSeveral() {
            var app = app().handlers(
                            new OneByOne(placed -> Outcome.publish(new Reserved("a"), Event.of(new Reserved("b")))));

            assertThat(app.handle(event(PLACED))).isEqualTo(Verdict.DONE);
            assertThat(app.published.get(0).events).extracting(Event::key).containsExactly("a", "b");
        }

        @Test
        void whatIsNoEventIsRejected() {
            var app = app().handlers(new OneByOne(placed -> Outcome.publish("text")));

            assertThat(text(app.handle(event(PLACED)))).startsWith("rejected no.event.type");
            assertThat(app.published.get(0).end).isEqualTo("discarded");
        }

        @Test
        void aFullDiskFailsTheAttempt() {
            var app = app().handlers(new Returns());
            app.commitFailure = new OutboxException("no room");

            assertThat(text(app.handle(event(PLACED)))).startsWith("failed outbox");
        }

        @Test
        void s6_whatItIsDoneWithIsMarkedBesideWhatItPublishes() {
            var app = app().handlers(new Batches.Batch(events -> BatchOutcome.done()
                    .except(1, Outcome.reject("bad row"))
                    .except(2, Outcome.publish(new Reserved("c")))));
            var marked = new Marked();

            run(app, "b", marked, placed("a"), placed("b"), placed("c"));

            assertThat(app.published.get(0).marks).hasSize(2);
            assertThat(marked.open).containsExactly("id-a", "id-c");
        }

        @Test
        void whatPublishesNothingIsNotMarked() {
            var app = app().handlers(new Returns());
            var marked = new Marked();

            run(app, "r", marked, event(new Placed("o-1", 0)));

            assertThat(app.published.get(0).marks).isEmpty();
            assertThat(marked.open).isEmpty();
        }

        @Test
        void whatWasNotStoredIsNotMarkedEither() {
            var app = app().handlers(new Returns());
            app.commitFailure = new OutboxException("no room");
            var marked = new Marked();

            run(app, "r", marked, event(PLACED));

            assertThat(marked.open).isEmpty();
        }

        private static void run(Wire app, String handler, Marking marking, Envelope... events) {
            var attempt = new Attempt(0, List.of(events), delivery(Delivery.Mode.LIVE), (which, verdicts) -> {});
            new MarkedHandling(app.handling(handler), marking).attempt(attempt);
        }

        /** Knows which marks are on their way. */
        private static final class Marked implements Marking {
            private final List<String> open = new ArrayList<>();

            @Override
            public byte[] mark(Envelope event) {
                open.add(event.id());
                return new byte[] {1};
            }

            @Override
            public void unmark(Envelope event) {
                open.remove(event.id());
            }
        }

        static Stream<Arguments> ends() {
            return Stream.of(
                    Arguments.of(Outcome.done(), "committed"),
                    Arguments.of(Outcome.skip("x"), "committed"),
                    Arguments.of(Outcome.reject("x"), "discarded"),
                    Arguments.of(Outcome.hold(Duration.ZERO, "x"), "discarded"),
                    Arguments.of(Outcome.retryAfter(Duration.ZERO, "x"), "discarded"));
        }

        @ParameterizedTest
        @MethodSource("ends")
        void isDroppedWhenTheAttemptFails(Outcome outcome, String end) {
            var app = app().handlers(new OneByOne(placed -> outcome));

            app.handle(event(PLACED));

            assertThat(app.published.get(0).end).isEqualTo(end);
        }
    }

    @Nested
    class Batches {

        @SyncHandler(value = "b", batch = 500)
        static final class Batch {
            private final Function<List<Event<Placed>>, BatchOutcome> body;

            Batch(Function<List<Event<Placed>>, BatchOutcome> body) {
                this.body = body;
            }

            @OnEvent
            BatchOutcome on(List<Event<Placed>> events) {
                return body.apply(events);
            }
        }

        @SyncHandler("v")
        static final class VoidBatch {
            @OnEvent
            void on(List<Placed> all) {
                if (all.stream().anyMatch(placed -> placed.count() < 0)) {
                    throw new IllegalStateException("one of them");
                }
            }
        }

        @Test
        void haveTheSizeOfThePolicyAndOthersOne() {
            assertThat(app().handlers(new Batch(events -> BatchOutcome.done()))
                            .handling("b")
                            .batchSize(0))
                    .isEqualTo(500);
            assertThat(app().handlers(new OneByOne(placed -> Outcome.done()))
                            .handling("h")
                            .batchSize(0))
                    .isEqualTo(1);
        }

        @Test
        void input49_eachItemHasItsVerdict() {
            var app = app().handlers(new Batch(events -> BatchOutcome.done()
                    .except(1, Outcome.reject("bad row"))
                    .except(2, Outcome.publish(new Reserved("c")))));

            var verdicts = app.handle("b", placed("a"), placed("b"), placed("c"));

            assertThat(verdicts)
                    .extracting(AttemptsTest::text)
                    .containsExactly("done", "rejected rejected bad row", "done");
            assertThat(app.published).singleElement().satisfies(publisher -> {
                assertThat(publisher.end).isEqualTo("committed");
                assertThat(publisher.events)
                        .singleElement()
                        .satisfies(event -> assertThat(event.causationId()).hasValue("id-c"));
            });
        }

        @Test
        void anIndexOutsideFailsTheWholeBatch() {
            var app = app().handlers(new Batch(events -> BatchOutcome.done().except(2, Outcome.done())));

            assertThat(app.handle("b", placed("a"), placed("b")))
                    .extracting(AttemptsTest::text)
                    .allMatch(text -> text.startsWith("failed batch.index"));
        }

        @Test
        void whatNeedsNoAttemptIsSettledBesideTheRest() {
            var sizes = new ArrayList<Integer>();
            var app = app().handlers(new Batch(events -> {
                sizes.add(events.size());
                return BatchOutcome.done().except(1, Outcome.reject("second of the list"));
            }));

            var verdicts = app.handle("b", placed("a"), event("orders.order.placed", 1, "{"), placed("c"), placed("d"));

            assertThat(sizes).containsExactly(3);
            assertThat(verdicts)
                    .extracting(AttemptsTest::text)
                    .satisfiesExactly(
                            first -> assertThat(first).isEqualTo("done"),
                            broken -> assertThat(broken).startsWith("rejected payload.malformed"),
                            second -> assertThat(second).isEqualTo("rejected rejected second of the list"),
                            third -> assertThat(third).isEqualTo("done"));
        }

        @Test
        void anExceptionFailsAllOfThem() {
            var app = app().handlers(new VoidBatch());

            assertThat(app.handle("v", event(PLACED), event(new Placed("x", -1))))
                    .hasSize(2)
                    .allMatch(Verdict.Failed.class::isInstance);
        }

        @Test
        void theListCannotBeChanged() {
            var app = app().handlers(new Batch(events -> {
                events.clear();
                return BatchOutcome.done();
            }));

            assertThat(app.handle("b", placed("a"))).allMatch(Verdict.Failed.class::isInstance);
        }
    }

    @Nested
    class Stages {

        @SyncHandler("s")
        static final class Later {
            private final CompletionStage<Outcome> stage;

            Later(CompletionStage<Outcome> stage) {
                this.stage = stage;
            }

            @OnEvent
            CompletionStage<Outcome> on(Placed placed) {
                return stage;
            }
        }

        @SyncHandler("n")
        static final class Nothing {
            @OnEvent
            CompletableFuture<Void> on(Placed placed) {
                return CompletableFuture.completedFuture(null);
            }
        }

        private final List<Verdict> ended = new ArrayList<>();

        @Test
        void endTheAttemptWhenTheyComplete() {
            var future = new CompletableFuture<Outcome>();
            var app = attempt(new Later(future));

            assertThat(ended).isEmpty();
            assertThat(app.published.get(0).end).isEqualTo("open");
            assertThat(app.published.get(0).entered).as("the thread is free").isZero();
            future.complete(Outcome.publish(new Reserved("a")));

            assertThat(ended).containsExactly(Verdict.DONE);
            assertThat(app.published.get(0).end).isEqualTo("committed");
            assertThat(app.published.get(0).events).hasSize(1);
        }

        @Test
        void mayFail() {
            var future = new CompletableFuture<Outcome>();
            attempt(new Later(future.thenApply(outcome -> outcome)));
            future.completeExceptionally(new IllegalStateException("boom"));

            assertThat(ended)
                    .singleElement()
                    .satisfies(verdict -> assertThat(text(verdict))
                            .startsWith("failed handler.failed java.lang.IllegalStateException: boom"));
        }

        @Test
        void input50_mayCompleteTwice() {
            var future = new CompletableFuture<Outcome>();
            attempt(new Later(future));
            future.complete(Outcome.done());
            future.obtrudeValue(Outcome.reject("changed my mind"));

            assertThat(ended).containsExactly(Verdict.DONE);
        }

        @Test
        void input50_mayCallBackTwiceOrRefuseToBeWaitedFor() {
            attempt(new Later(new CompletableFuture<>() {
                @Override
                public CompletableFuture<Outcome> whenComplete(BiConsumer<? super Outcome, ? super Throwable> action) {
                    action.accept(Outcome.done(), null);
                    action.accept(null, new IllegalStateException("again"));
                    throw new IllegalStateException("after all");
                }
            }));
            attempt(new Later(new CompletableFuture<>() {
                @Override
                public CompletableFuture<Outcome> whenComplete(BiConsumer<? super Outcome, ? super Throwable> action) {
                    throw new UnsupportedOperationException("no waiting");
                }
            }));

            assertThat(ended)
                    .extracting(AttemptsTest::text)
                    .satisfiesExactly(
                            done -> assertThat(done).isEqualTo("done"),
                            refused -> assertThat(refused).startsWith("failed handler.failed"));
        }

        @Test
        void mayBeCompleteAlready() {
            attempt(new Later(CompletableFuture.completedFuture(Outcome.skip("x"))));
            attempt(new Nothing());
            attempt(new Later(
                    CompletableFuture.failedFuture(Outcome.reject("no").asException())));
            var cancelled = new CompletableFuture<Outcome>();
            cancelled.cancel(false);
            attempt(new Later(cancelled));

            assertThat(ended)
                    .extracting(AttemptsTest::text)
                    .satisfiesExactly(
                            skipped -> assertThat(skipped).isEqualTo("skipped skip x"),
                            done -> assertThat(done).isEqualTo("done"),
                            rejected -> assertThat(rejected).isEqualTo("rejected rejected no"),
                            failed -> assertThat(failed).startsWith("failed handler.failed"));
        }

        @Test
        void input50_mayBeNull() {
            attempt(new Later(null));
            attempt(new Later(CompletableFuture.completedFuture(null)));

            assertThat(ended)
                    .extracting(AttemptsTest::text)
                    .satisfiesExactly(
                            stage -> assertThat(stage).startsWith("failed null.stage"),
                            outcome -> assertThat(outcome).startsWith("failed null.outcome"));
        }

        private Wire attempt(Object handler) {
            var app = app().handlers(handler);
            var plan = app.wired().plans().get(0);
            plan.handling()
                    .attempt(new Attempt(
                            0,
                            List.of(event(PLACED)),
                            delivery(Delivery.Mode.LIVE),
                            (which, verdicts) -> ended.addAll(verdicts)));
            return app;
        }
    }

    private static Envelope placed(String key) {
        return event(Event.of(new Placed(key, 1)).withId("id-" + key));
    }

    private static Delivery delivery(Delivery.Mode mode) {
        return new Delivery("h", 1, false, mode, Instant.EPOCH);
    }

    private static Outcome throwing(Throwable thrown) throws Throwable {
        throw thrown;
    }

    private static Outcome overflow(int depth) {
        return depth < 0 ? Outcome.done() : Outcome.skip(overflow(depth + 1).reason());
    }

    private static String text(Verdict verdict) {
        if (verdict instanceof Verdict.Skipped skipped) {
            return "skipped " + skipped.code() + " " + skipped.detail();
        }
        if (verdict instanceof Verdict.Failed failed) {
            return "failed " + failed.code() + " " + failed.detail()
                    + (failed.after() == null ? "" : " " + failed.after());
        }
        if (verdict instanceof Verdict.Held held) {
            return "held " + held.detail() + " " + held.pause();
        }
        if (verdict instanceof Verdict.Rejected rejected) {
            return "rejected " + rejected.code() + " " + rejected.detail();
        }
        return "done";
    }
}
