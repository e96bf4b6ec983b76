/// The main path of rollout-service and the ports that it uses. Plain blocking code; nothing here
/// knows Kubernetes clients, Kafka or PostgreSQL.
@NullMarked
package dev.sluice.rollout.app;

import org.jspecify.annotations.NullMarked;
