/// Settings of the service, checked at start.
@NullMarked
package dev.sluice.analysis.config;

import org.jspecify.annotations.NullMarked;
