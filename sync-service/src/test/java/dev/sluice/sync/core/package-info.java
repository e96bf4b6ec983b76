/// Tables for the decisions of sync-service.
@NullMarked
package dev.sluice.sync.core;

import org.jspecify.annotations.NullMarked;
