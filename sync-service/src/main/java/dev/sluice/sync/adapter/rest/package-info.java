/// HTTP endpoints: the Git webhook.
@NullMarked
package dev.sluice.sync.adapter.rest;

import org.jspecify.annotations.NullMarked;
