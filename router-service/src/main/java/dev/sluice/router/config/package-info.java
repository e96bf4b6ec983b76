/// Settings of router-service, checked at start.
@NullMarked
package dev.sluice.router.config;

import org.jspecify.annotations.NullMarked;
