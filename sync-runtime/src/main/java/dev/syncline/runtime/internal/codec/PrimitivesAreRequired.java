package dev.syncline.runtime.internal.codec;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;

/**
 * A record's component of primitive type must be in the data: without this, a missing revision would be revision 0.
 * What may be missing is a reference type, then it is null, or an {@code Optional}, then it is empty.
 */
final class PrimitivesAreRequired extends JacksonAnnotationIntrospector {

    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
        return (member instanceof AnnotatedParameter && member.getRawType().isPrimitive())
                ? Boolean.TRUE
                : super.hasRequiredMarker(config, member);
    }
}
