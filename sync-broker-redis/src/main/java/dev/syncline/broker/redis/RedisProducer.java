package dev.syncline.broker.redis;

import dev.syncline.api.BrokerException;
import dev.syncline.spi.BrokerProducer;
import dev.syncline.spi.Message;
import dev.syncline.spi.SendResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Sends over one connection. It is opened in the background and not opened again: once it is lost every partition ends
 * at the message that was not confirmed, and whoever closes this producer and makes another decides what comes next.
 *
 * <p>Threading: all state is guarded by {@code lock}, which is never held around a listener.
 */
final class RedisProducer implements BrokerProducer {

    private final Object lock = new Object();
    private final RedisOptions options;
    private final Retention retention;
    private final Incarnations incarnations;
    private final Results results = new Results();
    private final Map<String, TopicRoute> routes = new HashMap<>();
    private @Nullable Session session;
    private @Nullable BrokerException away;
    private boolean closed;

    RedisProducer(Connector connector) {
        this.options = connector.options();
        this.retention = new Retention(options);
        this.incarnations = connector.incarnations();
        CompletionStage<Session> opening = connector.open();
        opening.whenComplete(this::opened);
    }

    @Override
    public void send(List<Message> batch, SendListener listener) {
        synchronized (lock) {
            for (int i = 0; i < batch.size(); i++) {
                if (closed) {
                    results.add(listener, i, new SendResult.NotAttempted());
                } else {
                    route(batch.get(i).topic()).add(Outgoing.of(batch.get(i), listener, i));
                }
            }
            pumpAll();
        }
        tell();
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (!closed) {
                closed = true;
                var reason = BrokerException.retryable("the producer was closed before Redis answered", null);
                routes.values().forEach(route -> route.fail(reason));
                if (session != null) {
                    session.close();
                }
            }
        }
        results.tellAll();
    }

    private void opened(@Nullable Session opened, @Nullable Throwable failure) {
        synchronized (lock) {
            if (opened == null) {
                away = Failures.translate("cannot connect to " + options.address(), Failures.orCancelled(failure));
            } else if (closed) {
                opened.close();
            } else {
                session = opened;
                routes.values().forEach(this::resolve);
            }
            pumpAll();
        }
        tell();
    }

    /** An answer may come while the lock is held, when the connection is gone: then the holder tells. */
    private void tell() {
        if (!Thread.holdsLock(lock)) {
            results.tell();
        }
    }

    private TopicRoute route(String topic) {
        var route = routes.get(topic);
        if (route == null) {
            route = new TopicRoute(topic, results, incarnations);
            routes.put(topic, route);
            resolve(route);
        }
        return route;
    }

    private void resolve(TopicRoute route) {
        if (session != null) {
            Topic.find(session, route.topic(), options).whenComplete((topic, failure) -> {
                synchronized (lock) {
                    if (topic == null) {
                        route.fail(Failures.translate(
                                "cannot look up topic \"" + route.topic() + "\"", Failures.orCancelled(failure)));
                    } else {
                        route.resolved(topic);
                    }
                    pumpAll();
                }
                tell();
            });
        }
    }

    private void pumpAll() {
        if (away != null) {
            var reason = away;
            routes.values().forEach(route -> route.fail(reason));
        } else if (session != null && !closed) {
            for (var route : routes.values()) {
                for (var outlet : route.outlets()) {
                    pump(outlet, session);
                }
            }
        }
    }

    /** Nothing may come into any partition of another topic before what went to the old one comes again. */
    private void giveUpWhatIsMadeAnew(Outlet outlet) {
        var reason = outlet.madeAnew();
        if (reason != null) {
            var topic = outlet.partition().topic();
            route(topic).fail(reason);
            incarnations.forget(topic);
        }
    }

    private void pump(Outlet outlet, Session on) {
        var sending = outlet.send(on);
        if (sending != null) {
            sending.whenComplete((reply, failure) -> {
                synchronized (lock) {
                    if (reply == null) {
                        outlet.failed(Failures.orCancelled(failure));
                    } else {
                        retention.appended(on, outlet.partition(), outlet.answered(reply));
                        giveUpWhatIsMadeAnew(outlet);
                    }
                    if (!closed) {
                        pump(outlet, on);
                    }
                }
                tell();
            });
        }
    }
}
