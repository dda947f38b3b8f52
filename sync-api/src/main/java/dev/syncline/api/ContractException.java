package dev.syncline.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event breaks its contract: it has no type, no key, an attribute that no broker can carry, a payload that violates
 * its schema or a limit, that cannot be decoded or mapped. Never retried.
 */
public final class ContractException extends SyncException {

    private static final long serialVersionUID = 1L;

    private final String code;

    /**
     * Makes the exception.
     *
     * @param code short stable reason, dotted lower case, such as {@code payload.too.large}
     */
    public ContractException(String code, String message) {
        this(code, message, null);
    }

    /** Makes the exception with a cause. */
    public ContractException(String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code, "code");
    }

    /** Short stable reason, dotted lower case; fit for a meter's tag. */
    public String code() {
        return code;
    }
}
