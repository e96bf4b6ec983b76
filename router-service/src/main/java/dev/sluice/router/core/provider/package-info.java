/// How each kind of routing object carries a plan: what is read, what it says, and which of its
/// fields have to change. All of it pure; golden files show the objects.
@NullMarked
package dev.sluice.router.core.provider;

import org.jspecify.annotations.NullMarked;
