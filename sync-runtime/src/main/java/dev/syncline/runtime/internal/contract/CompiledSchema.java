package dev.syncline.runtime.internal.contract;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.ValidationLimitExceededException;
import com.networknt.schema.path.PathType;
import dev.syncline.api.ContractException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One schema, ready to validate, within limits: the validator's own are off by default, and 35 bytes of schema can keep
 * it busy for ever. A reference leads nowhere but into the document itself.
 *
 * <p>Threading: any.
 */
final class CompiledSchema {

    private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";
    private static final long MAX_STEPS = 200_000;
    private static final int MAX_DEPTH = 512;
    private static final int MAX_NAMED = 10;

    private final String name;
    private final Schema schema;

    private CompiledSchema(String name, Schema schema) {
        this.name = name;
        this.schema = schema;
    }

    /**
     * Compiles a schema.
     *
     * @param name for people: type and version
     * @throws ContractException if it is none, or one that could not be held against any data
     */
    static CompiledSchema of(String name, JsonNode document) {
        var dialect = document.path("$schema").asString(DIALECT);
        if (!dialect.equals(DIALECT) && !dialect.equals(DIALECT + "#")) {
            throw unusable(name, "its $schema is not that of JSON Schema 2020-12, the only one that is read", null);
        }
        if (!document.isObject() && !document.isBoolean()) {
            throw unusable(name, "it is neither a JSON object nor a boolean", null);
        }
        try {
            var schema = registry().getSchema(SchemaLocation.of("syncline:" + name.replace(' ', '/')), document);
            schema.initializeValidators();
            var compiled = new CompiledSchema(name, schema);
            compiled.probe();
            return compiled;
        } catch (SchemaException | IllegalArgumentException wrong) {
            throw unusable(name, String.valueOf(wrong.getMessage()), wrong);
        }
    }

    /** References that lead in a circle without taking anything of the data show with any data. */
    private void probe() {
        for (JsonNode sample :
                List.of(JsonNodeFactory.instance.objectNode(), JsonNodeFactory.instance.stringNode(""))) {
            try {
                validate(sample);
            } catch (ContractException limit) {
                throw unusable(name, "its references lead in a circle", limit);
            }
        }
    }

    /** Where the data breaks the schema, as JSON pointers with the keyword; empty if it does not. */
    Set<String> violations(JsonNode data) {
        var named = new LinkedHashSet<String>();
        var errors = validate(data);
        for (var error : errors) {
            if (named.size() == MAX_NAMED) {
                named.add("and more");
                break;
            }
            named.add(describe(error));
        }
        return named;
    }

    private List<Error> validate(JsonNode data) {
        try {
            return schema.validate(data, CompiledSchema::limit);
        } catch (ValidationLimitExceededException | BudgetedPattern.LimitExceeded | StackOverflowError limit) {
            throw new ContractException(
                    "validation.limit",
                    "the data needs more work than is allowed to be held against the schema of " + name
                            + "; simplify its patterns and recursion");
        }
    }

    private static void limit(ExecutionContext context) {
        context.executionConfig(config -> config.maxEvaluationSteps(MAX_STEPS).maxEvaluationDepth(MAX_DEPTH));
    }

    /** The message of the validator may quote the value; pointer and keyword do not. */
    private static String describe(Error error) {
        var pointer = error.getInstanceLocation().toString();
        var property = error.getProperty();
        return (pointer.isEmpty() ? "/" : pointer) + " " + error.getKeyword()
                + (property == null ? "" : " \"" + property + "\"");
    }

    private static SchemaRegistry registry() {
        var config = SchemaRegistryConfig.builder()
                .pathType(PathType.JSON_POINTER)
                .preloadSchema(true)
                .regularExpressionFactory(BudgetedPattern::new)
                .build();
        return SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12,
                builder -> builder.schemaRegistryConfig(config)
                        .schemaCacheEnabled(false)
                        .schemaLoader(loader -> loader.block(iri -> true)));
    }

    private static ContractException unusable(String name, String why, @Nullable Throwable cause) {
        return new ContractException("contract.unusable", "the schema of " + name + " cannot be used: " + why, cause);
    }
}
