package dev.sluice.rollout.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.rollout.core.Observation;
import dev.sluice.rollout.core.ParseResult;
import dev.sluice.rollout.core.RolloutMeta;
import dev.sluice.rollout.core.RolloutStatus;

/// What was found when looking at one Rollout.
public sealed interface Sighting {
    /// Identity and metadata.
    RolloutMeta meta();

    /// The status as stored.
    RolloutStatus stored();

    /// The whole object as read.
    JsonNode json();

    /// A Rollout that can be read, with everything its decision depends on.
    record Whole(Observation seen) implements Sighting {
        @Override
        public RolloutMeta meta() {
            return seen.rollout().meta();
        }

        @Override
        public RolloutStatus stored() {
            return seen.rollout().status();
        }

        @Override
        public JsonNode json() {
            return seen.rollout().json();
        }
    }

    /// A Rollout whose spec is wrong whatever else exists.
    record Invalid(ParseResult.Invalid parsed) implements Sighting {
        @Override
        public RolloutMeta meta() {
            return parsed.meta();
        }

        @Override
        public RolloutStatus stored() {
            return parsed.status();
        }

        @Override
        public JsonNode json() {
            return parsed.json();
        }
    }
}
