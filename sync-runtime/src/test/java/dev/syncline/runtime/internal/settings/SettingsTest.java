package dev.syncline.runtime.internal.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

    private static final List<String> IDS = List.of("billing", "to-erp");

    private final List<String> faults = new ArrayList<>();

    @Nested
    class Order {

        @Test
        void builtInIsLast() {
            assertThat(retry(Map.of(), "")).isEqualTo(new Resolved<>("b", "b", "built-in"));
        }

        @Test
        void defaultsBeatBuiltIn() {
            assertThat(retry(Map.of("defaults.retry", "d"), "")).isEqualTo(new Resolved<>("d", "d", "defaults.retry"));
        }

        @Test
        void theAnnotationBeatsDefaults() {
            assertThat(retry(Map.of("defaults.retry", "d"), "a")).isEqualTo(new Resolved<>("a", "a", "annotation"));
        }

        @Test
        void theHandlersOwnSettingBeatsAll() {
            assertThat(retry(Map.of("defaults.retry", "d", "handlers.to-erp.retry", "h"), "a"))
                    .isEqualTo(new Resolved<>("h", "h", "handlers.to-erp.retry"));
        }

        @Test
        void anotherHandlersSettingDoesNotCount() {
            assertThat(retry(Map.of("handlers.billing.retry", "h"), "").value()).isEqualTo("b");
        }

        private Resolved<String> retry(Map<String, String> flat, String annotation) {
            return settings(flat).handler("to-erp", "retry", "b", annotation, "ToErp", text -> text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"handlers.to-erp.retry-later", "handlers.TOERP.RETRYLATER", "handlers.toerp.retryLater"})
    void idsAndWordsMatchWithoutDashesAndCase(String key) {
        var resolved = settings(Map.of(key, "x")).handler("to-erp", "retry-later", "b", "", "ToErp", text -> text);

        assertThat(faults).isEmpty();
        assertThat(resolved).isEqualTo(new Resolved<>("x", "x", key));
    }

    @Test
    void runtimeSettingsAreFound() {
        var settings = settings(Map.of("closeDeadline", "5s"));

        assertThat(settings.runtime("close-deadline", "30s", Values::duration).origin())
                .isEqualTo("closeDeadline");
        assertThat(settings.runtime("start", "earliest", text -> text).origin()).isEqualTo("built-in");
    }

    @Test
    void brokersKeepTheNamesOfTheirOptions() {
        var settings = settings(Map.of(
                "brokers.default.uri", "kafka://h",
                "brokers.default.options.sasl.jaas.config", "secret",
                "brokers.default.options.Client.ID", "x",
                "brokers.cache.uri", "redis://h"));

        assertThat(faults).isEmpty();
        assertThat(settings.brokers()).containsOnlyKeys("default", "cache");
        assertThat(settings.brokers().get("default").uri()).isEqualTo("kafka://h");
        assertThat(settings.brokers().get("default").options())
                .containsExactlyInAnyOrderEntriesOf(Map.of("sasl.jaas.config", "secret", "Client.ID", "x"));
        assertThat(settings.brokers().get("default").toString()).doesNotContain("secret");
    }

    @Test
    void routesKeepTheirOrder() {
        var flat = new java.util.HashMap<String, String>();
        for (int i = 0; i < 11; i++) {
            flat.put("routes[" + i + "].types", "t" + i + ".x");
            flat.put("routes[" + i + "].topic", "topic-" + i);
        }

        assertThat(settings(flat).routes())
                .extracting(Settings.RouteSettings::types)
                .startsWith("t0.x", "t1.x", "t2.x")
                .endsWith("t10.x");
    }

    @Nested
    class Faults {

        @Test
        void input61_unknownKeysAreToldAllAtOnceWithTheNearestName() {
            settings(Map.of(
                    "handlers.billing.concurency", "4",
                    "defaults.retries", "1s",
                    "outbox.durabilty", "disk",
                    "spring.main", "x",
                    "handlers.biling.batch", "1",
                    "handlers.billing.retry.more", "1"));

            assertThat(faults)
                    .hasSize(6)
                    .anyMatch(fault -> fault.contains("did you mean \"handlers.billing.concurrency\""))
                    .anyMatch(fault -> fault.contains("did you mean \"defaults.retry\""))
                    .anyMatch(fault -> fault.contains("did you mean \"outbox.durability\""))
                    .anyMatch(fault -> fault.contains("\"spring.main\" is not known"))
                    .anyMatch(fault -> fault.contains("\"biling\"") && fault.contains("did you mean \"billing\""))
                    .anyMatch(fault -> fault.contains("handlers.billing.retry.more"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"idempotent", "target", "deletes", "transaction"})
        void whatIsCodeIsNoSetting(String property) {
            settings(Map.of("handlers.billing." + property, "x", "defaults." + property, "x"));

            assertThat(faults).hasSize(2).allMatch(fault -> fault.contains("set in @SyncHandler and not by settings"));
        }

        @Test
        void oneSettingInTwoSpellings() {
            settings(Map.of("handlers.to-erp.batch", "1", "handlers.toerp.batch", "2"));

            assertThat(faults).singleElement().asString().contains("are the same one");
        }

        @Test
        void enabledIsForOneHandler() {
            settings(Map.of("defaults.enabled", "false"));

            assertThat(faults).hasSize(1);
        }

        @Test
        void routesWithAGapOrWithoutTypes() {
            settings(Map.of("routes[0].topic", "a", "routes[2].types", "a.b.c", "routes[3].color", "x"));

            assertThat(faults)
                    .anyMatch(fault -> fault.contains("routes[0].types"))
                    .anyMatch(fault -> fault.contains("routes[2]") && fault.contains("gap"))
                    .anyMatch(fault -> fault.contains("routes[3].color"));
        }

        @Test
        void aValueIsToldWithItsKeyAndWhatItMustBe() {
            var settings = settings(Map.of(
                    "handlers.billing.concurrency",
                    "-4\u001b[31m",
                    "defaults.concurrency",
                    "many",
                    "close-deadline",
                    "-1s"));
            settings.handler("billing", "concurrency", "2", "none", "Billing", text -> Values.count(text, 1, 256));
            settings.runtime("close-deadline", "30s", Values::duration);

            assertThat(faults)
                    .hasSize(4)
                    .anyMatch(fault -> fault.startsWith("setting \"handlers.billing.concurrency\"")
                            && fault.endsWith("must be a whole number from 1 to 256")
                            && !fault.contains("\u001b"))
                    .anyMatch(fault -> fault.startsWith("Billing: @SyncHandler concurrency = \"none\""))
                    .anyMatch(fault -> fault.startsWith("setting \"defaults.concurrency\" = \"many\""))
                    .anyMatch(fault -> fault.startsWith("setting \"close-deadline\" = \"-1s\""));
        }
    }

    private Settings settings(Map<String, String> flat) {
        return Settings.of(flat, IDS, faults::add);
    }
}
