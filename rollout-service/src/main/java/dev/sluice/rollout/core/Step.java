package dev.sluice.rollout.core;

import java.util.Optional;

/// One canary step.
public sealed interface Step {

    /// The step as events name it.
    String text();

    record SetWeight(int weight) implements Step {
        @Override
        public String text() {
            return "setWeight: " + weight;
        }
    }

    /// A pause; without seconds it lasts until a person resumes. `given` is the duration as the
    /// manifest has it.
    record Pause(Optional<Integer> seconds, Optional<String> given) implements Step {
        @Override
        public String text() {
            return given.map(d -> "pause: " + d).orElse("pause");
        }
    }

    record Analysis(AnalysisSpec analysis) implements Step {
        @Override
        public String text() {
            return "analysis";
        }
    }

    record SetCanaryScale(
            Optional<Integer> weight, Optional<Integer> replicas, boolean matchTrafficWeight)
            implements Step {
        @Override
        public String text() {
            if (matchTrafficWeight) {
                return "setCanaryScale{matchTrafficWeight: true}";
            }
            return replicas.map(n -> "setCanaryScale{replicas: " + n + "}")
                    .or(() -> weight.map(n -> "setCanaryScale{weight: " + n + "}"))
                    .orElse("setCanaryScale");
        }
    }
}
