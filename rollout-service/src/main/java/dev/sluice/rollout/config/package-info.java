/// Settings of rollout-service, checked at start.
@NullMarked
package dev.sluice.rollout.config;

import org.jspecify.annotations.NullMarked;
