package dev.sluice.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// Gives a test class the shared local stack and, as a parameter, a [StackSession] of its own.
///
/// All test classes of one JVM share one stack, which starts with the first of them and ends with
/// the JVM. What keeps them apart is the session: an own namespace and an own topic prefix.
///
/// ```java
/// @SluiceStack({Part.NODES, Part.KAFKA})
/// class RouterIT {
///     @Test
///     void movesTraffic(StackSession session) { … }
/// }
/// ```
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SluiceStackExtension.class)
public @interface SluiceStack {
    /// The parts that the class needs at once; others start when they are asked for.
    Part[] value() default {Part.NODES, Part.KAFKA, Part.POSTGRES};

    /// Whether our CustomResourceDefinitions are applied (once per stack).
    boolean crds() default true;
}
