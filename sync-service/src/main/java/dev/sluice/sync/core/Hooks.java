package dev.sluice.sync.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What an object's hook annotations make of it (specification of sync §4.4).
public sealed interface Hooks {
    /// An ordinary object.
    record None() implements Hooks {}

    /// `Skip`, or a Helm hook without a counterpart: the object is left out.
    record LeftOut() implements Hooks {}

    record In(List<SyncPhase> phases) implements Hooks {
        public In {
            phases = List.copyOf(phases);
        }
    }

    /// A hook that is known but not carried out by this service.
    record Unsupported(String name) implements Hooks {}

    /// When a hook object is deleted.
    enum DeletePolicy {
        HookSucceeded,
        HookFailed,
        BeforeHookCreation
    }

    static Hooks of(KubeObject object) {
        List<String> own = object.list(KubeObject.HOOK);
        List<String> names = own.isEmpty() ? fromHelm(object.list("helm.sh/hook")) : own;
        if (names.isEmpty()) {
            return new None();
        }
        Set<SyncPhase> phases = new TreeSet<>();
        for (String name : names) {
            switch (name) {
                case "PreSync" -> phases.add(SyncPhase.PreSync);
                case "Sync" -> phases.add(SyncPhase.Sync);
                case "PostSync" -> phases.add(SyncPhase.PostSync);
                case "SyncFail" -> phases.add(SyncPhase.SyncFail);
                case "PreDelete", "PostDelete" -> {
                    return new Unsupported(name);
                }
                case "crd-install" -> {
                    return new None();
                }
                default -> {}
            }
        }
        return phases.isEmpty() ? new LeftOut() : new In(List.copyOf(phases));
    }

    private static List<String> fromHelm(List<String> helm) {
        List<String> names = new ArrayList<>();
        for (String hook : helm) {
            names.add(
                    switch (hook) {
                        case "pre-install", "pre-upgrade" -> "PreSync";
                        case "post-install", "post-upgrade" -> "PostSync";
                        case "pre-delete" -> "PreDelete";
                        case "post-delete" -> "PostDelete";
                        default -> hook;
                    });
        }
        return names;
    }

    /// Argo and Helm policies add up; none means BeforeHookCreation.
    static Set<DeletePolicy> deletePolicies(KubeObject object) {
        Set<DeletePolicy> policies = new TreeSet<>();
        List<String> names = new ArrayList<>(object.list(KubeObject.HOOK_DELETE));
        names.addAll(object.list("helm.sh/hook-delete-policy"));
        for (String name : names) {
            policy(name).ifPresent(policies::add);
        }
        return policies.isEmpty() ? Set.of(DeletePolicy.BeforeHookCreation) : policies;
    }

    private static Optional<DeletePolicy> policy(String name) {
        return switch (name) {
            case "HookSucceeded", "hook-succeeded" -> Optional.of(DeletePolicy.HookSucceeded);
            case "HookFailed", "hook-failed" -> Optional.of(DeletePolicy.HookFailed);
            case "BeforeHookCreation", "before-hook-creation" ->
                    Optional.of(DeletePolicy.BeforeHookCreation);
            default -> Optional.empty();
        };
    }

    /// The name of a hook that asks for a generated one; it stays the same for all steps of one
    /// operation.
    static String generatedName(
            KubeObject object, String revision, SyncPhase phase, long startedUnix) {
        String short7 = revision.substring(0, Math.min(7, revision.length()));
        return (object.generateName() + short7 + "-" + phase + "-" + startedUnix)
                .toLowerCase(Locale.ROOT);
    }
}
