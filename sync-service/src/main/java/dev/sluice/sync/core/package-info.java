/// Pure decisions of sync-service: revision resolution, comparison, health, task order, the engine
/// pass, automated sync, rejections. No I/O, no clock. Manifests are carried as opaque Jackson
/// trees.
@NullMarked
package dev.sluice.sync.core;

import org.jspecify.annotations.NullMarked;
