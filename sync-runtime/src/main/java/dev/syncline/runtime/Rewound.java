package dev.syncline.runtime;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What is shipped again; see {@link Sync#rewind}.
 *
 * @param since when the first event that goes again was published: at or after the time that was asked for; empty if
 *     nothing goes again
 * @param events how many go again, at most: what went to other brokers in between counts, too
 * @param isComplete whether all that was published since the time asked for is still there; if not, what is older than
 *     {@code since} was dropped already, and only its source can publish it again
 */
public record Rewound(Optional<Instant> since, long events, boolean isComplete) {

    public Rewound {
        Objects.requireNonNull(since, "since");
    }
}
