package dev.sluice.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/// Starts the shared stack and hands out the sessions; see [SluiceStack].
final class SluiceStackExtension implements BeforeAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace OURS =
            ExtensionContext.Namespace.create(SluiceStackExtension.class);
    private static final AtomicInteger NEXT = new AtomicInteger();

    /// Closed by JUnit when the last test of the JVM has ended.
    private static final class Shared implements AutoCloseable {
        private final LocalStack stack =
                LocalStack.start(StackOptions.everything().withName("test").withParts(Set.of()));
        private boolean hasCrds;

        synchronized void applyCrds() {
            if (!hasCrds) {
                stack.controlPlane().applyCrds(List.of(Projects.crds()));
                hasCrds = true;
            }
        }

        @Override
        public void close() {
            stack.close();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        session(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        var type = parameter.getParameter().getType();
        return type == StackSession.class || type == LocalStack.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        var session = session(context);
        return parameter.getParameter().getType() == LocalStack.class ? session.stack() : session;
    }

    private static StackSession session(ExtensionContext context) {
        var testClass = context.getRequiredTestClass();
        return context.getRoot()
                .getStore(OURS)
                .computeIfAbsent(testClass, _ -> open(context, testClass), StackSession.class);
    }

    private static StackSession open(ExtensionContext context, Class<?> testClass) {
        var shared =
                context.getRoot()
                        .getStore(OURS)
                        .computeIfAbsent(Shared.class, _ -> new Shared(), Shared.class);
        var wish =
                AnnotationSupport.findAnnotation(testClass, SluiceStack.class)
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                "@SluiceStack is missing on " + testClass));
        shared.stack.require(Arrays.asList(wish.value()));
        if (wish.crds()) {
            shared.applyCrds();
        }
        return StackSession.open(shared.stack, testClass.getSimpleName(), NEXT.incrementAndGet());
    }
}
