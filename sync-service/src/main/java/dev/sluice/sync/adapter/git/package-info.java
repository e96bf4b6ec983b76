/// Repositories over HTTP(S): references, commits and trees read from a bare object database, and
/// the renderers.
@NullMarked
package dev.sluice.sync.adapter.git;

import org.jspecify.annotations.NullMarked;
