package dev.syncline.runtime.internal.contract;

import dev.syncline.api.ContractException;
import dev.syncline.runtime.internal.codec.JacksonCodec;
import dev.syncline.runtime.internal.codec.MediaType;
import dev.syncline.runtime.internal.envelope.LogText;
import dev.syncline.runtime.internal.wiring.Contracts;
import dev.syncline.spi.Bytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The door of this room: holds encoded data against the JSON Schema of its type and version. Publishing asks before it
 * stores, handling before it decodes, each on its own thread. It owns the compiled schemas. What violates its contract
 * is refused with the places that do, and never with what stands there.
 *
 * <p>A type and version without a schema passes. Schemas of payload classes are read while the application is built;
 * those of other types when the first event comes.
 */
public final class SchemaContracts implements Contracts {

    /** Types of events come from outside: their number must not fill the memory. */
    private static final int MAX_REMEMBERED = 4096;

    private final SchemaFiles files;
    private final JacksonCodec json;
    private final ConcurrentMap<Version, Optional<CompiledSchema>> schemas = new ConcurrentHashMap<>();

    /**
     * Makes contracts without schemas yet.
     *
     * @param directory with schemas; null for the class path only
     * @param loader of the application
     * @param maxBytes largest data
     */
    public SchemaContracts(@Nullable Path directory, @Nullable ClassLoader loader, int maxBytes) {
        var loaders = new ArrayList<ClassLoader>();
        if (loader != null) {
            loaders.add(loader);
        }
        loaders.add(SchemaContracts.class.getClassLoader());
        this.files = new SchemaFiles(directory, loaders);
        this.json = new JacksonCodec(maxBytes);
    }

    /**
     * Reads the schema of a type and version now.
     *
     * @return whether there is one
     * @throws ContractException if there is one and it cannot be used
     */
    public boolean load(String type, int version) {
        return find(new Version(type, version)).isPresent();
    }

    @Override
    public void check(String type, int dataVersion, String contentType, Bytes data) {
        var schema = find(new Version(type, dataVersion));
        if (schema.isEmpty()) {
            return;
        }
        var media = MediaType.of(contentType);
        if (!media.essence().isEmpty() && !media.isJson()) {
            throw new ContractException(
                    "contract.violated",
                    LogText.of(type) + " v" + dataVersion + " has a JSON Schema, and its data is "
                            + LogText.of(media.essence()));
        }
        var violations = schema.get().violations((JsonNode) json.decode(data, JsonNode.class));
        if (!violations.isEmpty()) {
            throw new ContractException(
                    "contract.violated",
                    LogText.of(type) + " v" + dataVersion + " violates its schema at " + String.join(", ", violations));
        }
    }

    private Optional<CompiledSchema> find(Version version) {
        var known = schemas.get(version);
        if (known != null) {
            return known;
        }
        if (schemas.size() >= MAX_REMEMBERED) {
            return read(version);
        }
        return schemas.computeIfAbsent(version, this::read);
    }

    private Optional<CompiledSchema> read(Version version) {
        var text = files.find(version.type, version.number);
        if (text == null) {
            return Optional.empty();
        }
        var name = version.type + " v" + version.number;
        JsonNode document;
        try {
            document = (JsonNode) json.decode(text, JsonNode.class);
        } catch (ContractException malformed) {
            throw new ContractException(
                    "contract.unusable",
                    "the schema of " + name + " cannot be used: " + malformed.getMessage(),
                    malformed);
        }
        return Optional.of(CompiledSchema.of(name, document));
    }

    private record Version(String type, int number) {

        /** That of a record goes through a generated method that is slow to start. */
        @Override
        public int hashCode() {
            return type.hashCode() * 31 + number;
        }
    }

    /** The types and versions that have a schema, of those asked for; for the report. */
    public List<String> loaded() {
        return schemas.entrySet().stream()
                .filter(entry -> entry.getValue().isPresent())
                .map(entry -> entry.getKey().type + " v" + entry.getKey().number)
                .sorted()
                .toList();
    }
}
