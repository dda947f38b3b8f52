package dev.syncline.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.syncline.api.BrokerException;
import dev.syncline.api.Secret;
import dev.syncline.spi.SendResult.Failed;
import dev.syncline.spi.SendResult.Sent;
import dev.syncline.testkit.server.KafkaServer;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Input 57, on a broker that asks by TLS and SASL who comes and grants what was granted only. */
@Isolated("turns all logging up to look for secrets in it")
@StartsThreads
class KafkaSecurityTest {

    private static final String USER = "alice";
    private static final String PASSWORD = "canary-4711";

    private static KafkaServer server;

    private Clients clients;
    private String topic;
    private String group;

    @BeforeAll
    static void start() {
        server = KafkaServer.builder().user(USER, PASSWORD).authorizer().tls().start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open(TestInfo test) {
        clients = new Clients(server);
        topic = test.getTestMethod().orElseThrow().getName() + "." + System.nanoTime();
        group = "g." + topic;
        server.createTopic(topic, 1);
        server.disallow(USER);
    }

    @AfterEach
    void close() {
        clients.close();
    }

    private static Map<String, Object> signedIn() {
        return new HashMap<>(server.clientConfig(USER));
    }

    private void allow(String operation, String type, String name) {
        server.allow(USER, operation, type, name);
    }

    private void allowAll() {
        allow("ALL", "TOPIC", topic);
        allow("ALL", "GROUP", group);
    }

    @Test
    void saslAndTlsSettingsPassThrough() {
        allowAll();

        assertThat(clients.send(signedIn(), Clients.texts(topic, "k", 2))).hasOnlyElementsOfType(Sent.class);
        clients.broker(signedIn()).check(Set.of(topic), Set.of(topic), group, Clients.PATIENCE);
        assertThat(clients.consumer(signedIn(), group, topic).take(2)).hasSize(2);
    }

    @Test
    void userAndPasswordOfTheUriSignIn() {
        allowAll();
        var options = signedIn();
        options.remove("sasl.jaas.config");
        var broker = clients.broker("kafka://" + USER + ":" + PASSWORD + "@" + server.bootstrapServers(), options);

        broker.check(Set.of(topic), Set.of(), "", Clients.PATIENCE);
    }

    @Test
    void wrongPasswordIsRefusedAndNotShown() {
        var options = signedIn();
        options.put("sasl.jaas.config", Secret.of(jaas("wrong-" + PASSWORD)));
        var broker = clients.broker(options);

        assertThatThrownBy(() -> broker.check(Set.of(topic), Set.of(), "", Clients.PATIENCE))
                .satisfies(KafkaSecurityTest::refused)
                .hasMessageContaining("sasl.")
                .message()
                .doesNotContain(PASSWORD);
        assertThat(clients.consumer(options, group, topic).refusal()).hasMessageContaining("sasl.");
    }

    private static String jaas(String password) {
        return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + USER + "\" password=\""
                + password + "\";";
    }

    @Test
    void certificateThatIsNotTrustedIsRefused() {
        var options = signedIn();
        options.remove("ssl.truststore.location");
        options.remove("ssl.truststore.type");
        var broker = clients.broker(options);

        assertThatThrownBy(() -> broker.check(Set.of(topic), Set.of(), "", Clients.PATIENCE))
                .satisfies(KafkaSecurityTest::refused)
                .hasMessageContaining("ssl.");
    }

    @Test
    void checkNamesTheOperationAndTheTopic() {
        allow("DESCRIBE", "TOPIC", topic);
        allow("ALL", "GROUP", group);
        var broker = clients.broker(signedIn());

        assertThatThrownBy(() -> broker.check(Set.of(topic), Set.of(topic), group, Clients.PATIENCE))
                .satisfies(KafkaSecurityTest::refused)
                .hasMessageContaining("WRITE topic \"" + topic + "\"")
                .hasMessageContaining("READ topic \"" + topic + "\"");
    }

    @Test
    void checkNamesTheGroup() {
        allow("ALL", "TOPIC", topic);
        var broker = clients.broker(signedIn());

        assertThatThrownBy(() -> broker.check(Set.of(), Set.of(topic), group, Clients.PATIENCE))
                .satisfies(KafkaSecurityTest::refused)
                .hasMessageContaining(group);
        assertThatThrownBy(() -> broker.forgetGroup(group, Clients.PATIENCE))
                .satisfies(KafkaSecurityTest::refused)
                .hasMessageContaining(group);
    }

    /** The first message goes alone, so that nothing is behind it that would have to be kept back. */
    @Test
    void sendingWithoutPermissionIsRefusedForTheTopicOnly() {
        allow("DESCRIBE", "TOPIC", topic);
        var other = topic + ".other";
        server.createTopic(other, 1);
        allow("ALL", "TOPIC", other);
        try (var producer = clients.broker(signedIn()).producer()) {
            var denied = Clients.send(producer, Clients.texts(topic, "k", 3));
            var allowed = Clients.send(producer, Clients.texts(other, "k", 3));

            assertThat(denied.get(0)).isInstanceOfSatisfying(Failed.class, failed -> {
                refused(failed.reason());
                assertThat(failed.reason()).hasMessageContaining(topic).hasMessageContaining("WRITE");
            });
            assertThat(allowed).hasOnlyElementsOfType(Sent.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void readerGoesOnByItselfOncePermissionIsGranted(String protocol) {
        allowAll();
        assertThat(clients.send(signedIn(), Clients.texts(topic, "k", 2))).hasOnlyElementsOfType(Sent.class);
        server.disallow(USER);
        allow("ALL", "TOPIC", topic);
        var options = signedIn();
        options.put("group.protocol", protocol);
        var reader = clients.consumer(options, group, topic);

        assertThat(reader.refusal()).satisfies(KafkaSecurityTest::refused).hasMessageContaining(group);
        allow("ALL", "GROUP", group);

        long deadline = System.nanoTime() + Clients.PATIENCE.toNanos();
        while (reader.received.size() < 2 && System.nanoTime() - deadline < 0) {
            try {
                reader.poll();
            } catch (BrokerException notYet) {
                refused(notYet);
            }
        }
        assertThat(reader.ids()).containsExactly("k#0", "k#1");
    }

    /** Everything that is logged, at the finest level, by anybody. */
    @Test
    void passwordIsInNoLogLine() {
        allowAll();
        var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var kafka = (Logger) LoggerFactory.getLogger("org.apache.kafka");
        var lines = new Lines();
        lines.start();
        var quiet = kafka.getLevel();
        kafka.setAdditive(false);
        kafka.setLevel(Level.TRACE);
        kafka.addAppender(lines);
        root.addAppender(lines);
        try {
            assertThat(clients.send(signedIn(), Clients.texts(topic, "k", 1))).hasOnlyElementsOfType(Sent.class);
            clients.broker(signedIn()).check(Set.of(topic), Set.of(topic), group, Clients.PATIENCE);
            clients.consumer(signedIn(), group, topic).take(1);
            clients.close();
        } finally {
            kafka.detachAppender(lines);
            root.detachAppender(lines);
            kafka.setLevel(quiet);
            kafka.setAdditive(true);
        }

        assertThat(lines.all).hasSizeGreaterThan(100);
        assertThat(lines.all).noneMatch(line -> line.contains(PASSWORD));
        assertThat(lines.all).as("two clients of one name").noneMatch(line -> line.contains("InstanceAlreadyExists"));
    }

    private static final class Lines extends AppenderBase<ILoggingEvent> {

        final Queue<String> all = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent event) {
            all.add(event.getFormattedMessage()
                    + (event.getThrowableProxy() == null
                            ? ""
                            : event.getThrowableProxy().getMessage()));
        }
    }

    private static void refused(Throwable thrown) {
        assertThat(thrown)
                .isInstanceOfSatisfying(
                        BrokerException.class,
                        refused -> assertThat(refused.isRetryable())
                                .as("retryable: %s", refused)
                                .isFalse());
    }
}
