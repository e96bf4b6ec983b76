/// Configuration of sync-service, validated at start.
@NullMarked
package dev.sluice.sync.config;

import org.jspecify.annotations.NullMarked;
