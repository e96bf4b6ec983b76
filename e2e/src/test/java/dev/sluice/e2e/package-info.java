/// The whole system on real parts: four service processes, a real control plane, Kafka and
/// PostgreSQL; faults are real kills. [dev.sluice.e2e.Installation] is the fixture.
@NullMarked
package dev.sluice.e2e;

import org.jspecify.annotations.NullMarked;
