/// sync-service: Git to cluster. Resolves a revision, renders it, compares it with the cluster and
/// applies it in order. Read `core.SyncDecider`, `core.AutoSyncDecider` and
/// `app.ApplicationReconciler` first.
@NullMarked
package dev.sluice.sync;

import org.jspecify.annotations.NullMarked;
