package dev.syncline.runtime.internal.handling;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How an attempt at one event ended, as handling tells dispatch. */
public sealed interface Verdict {

    /** The commonest one; it says nothing else. */
    Verdict DONE = new Done();

    /** Handled. */
    record Done() implements Verdict {}

    /**
     * Not needed here.
     *
     * @param code counted by it: {@code unhandled.type}, {@code filtered}, {@code mode}, {@code echo},
     *     {@code expired}, {@code skip}
     */
    record Skipped(String code, String detail) implements Verdict {}

    /**
     * Failed; a later attempt may succeed.
     *
     * @param after the pause that the handler asked for, null if the policy decides
     */
    record Failed(
            String code,
            String detail,
            @Nullable Duration after,
            @Nullable Throwable cause) implements Verdict {}

    /** The target is away: pause the handler, spend no attempt. */
    record Held(Duration pause, String detail, @Nullable Throwable cause) implements Verdict {}

    /**
     * No attempt can succeed.
     *
     * @param code stable reason, dotted lower case: {@code rejected}, {@code payload.malformed}, {@code no.mapper} …
     */
    record Rejected(String code, String detail, @Nullable Throwable cause) implements Verdict {}
}
