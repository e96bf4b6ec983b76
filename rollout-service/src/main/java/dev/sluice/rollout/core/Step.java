package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.JsonNode;
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

    /// An Experiment object that runs beside the release; `experiment` is the step as the manifest
    /// has it.
    record Experiment(JsonNode experiment) implements Step {
        @Override
        public String text() {
            return "experiment";
        }
    }

    /// Requests that match go to the canary; without a match the managed route is taken away.
    record SetHeaderRoute(String name, JsonNode match) implements Step {
        @Override
        public String text() {
            return "setHeaderRoute: " + name;
        }
    }

    /// A copy of the matching requests goes to the canary; without a match the managed route is
    /// taken away.
    record SetMirrorRoute(String name, JsonNode match, Optional<Integer> percentage)
            implements Step {
        @Override
        public String text() {
            return "setMirrorRoute: " + name;
        }
    }

    /// A step that something outside completes; which ones exist is decided by validation.
    record Plugin(String name, JsonNode config) implements Step {
        @Override
        public String text() {
            return "plugin: " + name;
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
