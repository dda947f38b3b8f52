package dev.syncline.runtime.internal.codec;

import dev.syncline.api.ContractException;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;

/**
 * Says what is wrong with a payload without saying what stands in it: the parser's own messages quote values, which
 * must not reach logs and dead letters. For the same reason its exceptions are not kept as causes; those of user code
 * that it called are.
 */
final class CodecFault {

    private CodecFault() {}

    static ContractException decoding(Type type, JacksonException failure) {
        if (failure instanceof StreamConstraintsException) {
            return new ContractException(
                    "payload.limit", "the JSON at " + pointer(failure) + ": " + failure.getOriginalMessage());
        }
        if (failure instanceof StreamReadException) {
            var where = failure.getLocation();
            return new ContractException(
                    "payload.malformed",
                    "the payload is not JSON that this library reads (duplicate names among it)"
                            + (where == null ? "" : ", from byte " + where.getByteOffset()));
        }
        if (failure instanceof InvalidDefinitionException) {
            return new ContractException(
                    "payload.model",
                    type.getTypeName() + " cannot be made from JSON: " + failure.getOriginalMessage(),
                    userFailure(failure));
        }
        return new ContractException(
                "payload.mismatch",
                "the payload does not fit " + type.getTypeName() + " at " + pointer(failure) + expectation(failure),
                userFailure(failure));
    }

    static ContractException encoding(Class<?> type, JacksonException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ContractException refused) {
                return refused; // by the limit of the output
            }
        }
        if (failure instanceof StreamConstraintsException) {
            return new ContractException(
                    "payload.limit",
                    type.getName() + " at " + pointer(failure) + ": " + failure.getOriginalMessage()
                            + "; does it refer to itself?");
        }
        return new ContractException(
                "payload.unencodable",
                type.getName() + " cannot be written as JSON at " + pointer(failure) + ": "
                        + failure.getOriginalMessage(),
                userFailure(failure));
    }

    private static String expectation(JacksonException failure) {
        var cause = userFailure(failure);
        if (cause != null) {
            return ": refused with " + cause.getClass().getName();
        }
        if (failure instanceof InvalidTypeIdException) {
            return ": its type id is not one of the declared ones";
        }
        if (failure instanceof MismatchedInputException mismatch) {
            var target = mismatch.getTargetType();
            return (target == null ? "" : ": it takes " + target.getTypeName()) + found(mismatch.getCurrentToken());
        }
        return "";
    }

    private static String found(@Nullable JsonToken token) {
        if (token == null) {
            return ", the end of the text is there";
        }
        return switch (token) {
            case VALUE_NULL -> ", a null is there";
            case VALUE_STRING -> ", a text is there";
            case VALUE_NUMBER_INT -> ", a whole number is there";
            case VALUE_NUMBER_FLOAT -> ", a fraction is there";
            case VALUE_TRUE, VALUE_FALSE -> ", a boolean is there";
            case START_ARRAY -> ", an array is there";
            case START_OBJECT, PROPERTY_NAME -> ", an object is there";
            case END_OBJECT -> ", a member is missing or null";
            default -> "";
        };
    }

    /** What a constructor or accessor of the application threw; parsers of the JDK quote the value that they got. */
    private static @Nullable Throwable userFailure(JacksonException failure) {
        if (failure instanceof MismatchedInputException) {
            return null;
        }
        Throwable cause = failure.getCause();
        while (cause instanceof JacksonException) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** RFC 6901; the whole document is shown as a slash, which says more to people than nothing. */
    private static String pointer(JacksonException failure) {
        var pointer = new StringBuilder();
        for (var step : failure.getPath()) {
            pointer.append('/');
            var name = step.getPropertyName();
            if (name == null) {
                pointer.append(step.getIndex());
            } else {
                pointer.append(name.replace("~", "~0").replace("/", "~1"));
            }
        }
        return pointer.isEmpty() ? "/" : pointer.toString();
    }
}
