package dev.sluice.sync.app;

import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.ObjectKey;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is kept about an Application between passes. All of it may be lost: it saves work and
/// nothing else.
final class AppMemory {
    Optional<Instant> nextPoll = Optional.empty();
    Optional<Instant> lastWave = Optional.empty();
    Optional<String> revision = Optional.empty();
    Map<ObjectKey, KubeObject> live = Map.of();
    boolean lookAnew = false;
    final Set<String> announced = new HashSet<>();
}
