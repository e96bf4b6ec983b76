package dev.sluice.rollout.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.RolloutStatus.Condition;
import dev.sluice.rollout.core.status.StatusDraft;
import dev.sluice.rollout.core.status.StatusJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// One decision in the making: what was seen, the status draft and the commands so far. Lives
/// on the stack of [RolloutDecider#decide] only.
public final class Pass {
    public final Observation seen;
    public final Rollout rollout;
    public final RolloutSpec spec;
    public final RolloutStatus stored;
    public final Instant now;
    public final Revisions sets;
    public final StatusDraft next;
    public final List<Notice> notices = new ArrayList<>();
    private final List<Command> before = new ArrayList<>();
    private final List<Command> after = new ArrayList<>();
    private final List<Command> last = new ArrayList<>();
    private final Map<String, Pending> pending = new LinkedHashMap<>();
    private Optional<Instant> wakeAt = Optional.empty();
    private boolean scaleDownsHeld;

    /// Why the release is aborted by this very decision.
    public Optional<String> abortCause = Optional.empty();

    /// The pod template, or the steps of a canary, changed in this pass.
    public boolean specChanged;

    /// A pause was asked for in this pass, which keeps dependent actions from running (C13).
    public boolean pauseRequested;

    /// A pause ended in this pass and that was said already, because another may begin in it.
    public boolean resumeAnnounced;

    /// Services of experiments that should have a share now: each exists, and its pods are
    /// available (T2, R7). Routing takes them in where the release is at a step; a revision that
    /// had a share keeps its pods while [Capacity#isLive].
    public List<TrafficPlan.Destination> destinations = List.of();

    /// The release was brought to where it stands by somebody else: this pass only writes down the
    /// routing that is there.
    public boolean takesOver;

    /// What holds the release up, as far as this pass knows.
    public Optional<String> waitingFor = Optional.empty();

    /// What would end the wait; empty when it ends by itself.
    public String unblock = "";

    private static final class Pending {
        final ReplicaSetView set;
        int to;
        final Map<String, Optional<String>> annotations = new TreeMap<>();
        Optional<Integer> minReadySeconds = Optional.empty();
        Optional<ObjectNode> template = Optional.empty();

        Pending(ReplicaSetView set) {
            this.set = set;
            this.to = set.replicas();
        }
    }

    public Pass(Observation seen, Instant now) {
        this.seen = seen;
        this.rollout = seen.rollout();
        this.spec = rollout.spec();
        this.stored = rollout.status();
        this.now = now;
        this.next = new StatusDraft(stored);
        this.sets = Revisions.of(seen);
    }

    public int replicas() {
        return spec.replicas();
    }

    public String newHash() {
        return sets.newHash();
    }

    public Optional<ReplicaSetView> stableSet() {
        return sets.withHash(next.stableRS);
    }

    /// Owned ReplicaSets that are neither new nor stable, oldest first.
    public List<ReplicaSetView> others() {
        return sets.owned().stream()
                .filter(rs -> !rs.hash().equals(newHash()) && !rs.hash().equals(next.stableRS))
                .toList();
    }

    public boolean isFullyPromoted() {
        return next.stableRS.equals(newHash());
    }

    /// Nothing but routing moves while a person, or an inconclusive analysis, holds the
    /// release.
    public boolean isHalted() {
        return spec.paused() || stored.hasPause(Reasons.INCONCLUSIVE) || isFrozen();
    }

    /// True while a freeze holds a release that is in progress; it never holds an abort, nor a
    /// first deployment, which has nothing to protect (P8).
    public boolean isFrozen() {
        return !isAborted() && isUnderFreeze();
    }

    /// True while a freeze lies over the update, aborted or not.
    boolean isUnderFreeze() {
        return seen.freeze().isPresent()
                && !next.stableRS.isEmpty()
                && !isFullyPromoted()
                && !spec.policy()
                        .bypassFreeze()
                        .equals(sets.newSet().map(ReplicaSetView::revision));
    }

    public boolean isAborted() {
        return next.abort;
    }

    /// Ends the release; a full promotion that was asked for before is over with it (A4).
    public void abort(String cause) {
        if (!next.abort) {
            next.abort = true;
            next.promoteFull = false;
            abortCause = Optional.of(cause);
        }
    }

    /// Says now that the pause which the release was in is over. One that a person ended is gone
    /// from the status already, and nobody is told.
    public void announceResumed() {
        if (stored.controllerPause() && !next.controllerPause) {
            resumeAnnounced = true;
            if (!stored.pauseConditions().isEmpty()) {
                notices.add(Notice.normal("RolloutResumed", "Rollout is resumed"));
            }
        }
    }

    public void doBefore(Command command) {
        before.add(command);
    }

    public void doAfter(Command command) {
        after.add(command);
    }

    /// For what the release itself does not depend on: a refusal of it holds nothing else up.
    public void doLast(Command command) {
        last.add(command);
    }

    public void wakeAt(Instant at) {
        if (wakeAt.isEmpty() || at.isBefore(wakeAt.get())) {
            wakeAt = Optional.of(at);
        }
    }

    public void annotate(ReplicaSetView set, String key, Optional<String> value) {
        if (!set.annotation(key).equals(value)) {
            pending(set).annotations.put(key, value);
        }
    }

    public void minReadySeconds(ReplicaSetView set, int seconds) {
        if (set.minReadySeconds() != seconds) {
            pending(set).minReadySeconds = Optional.of(seconds);
        }
    }

    /// Changes the pod template of a ReplicaSet, which only pods that are yet to come notice.
    public void template(ReplicaSetView set, ObjectNode mergePatch) {
        Pending p = pending(set);
        if (p.template.isEmpty()) {
            p.template = Optional.of(mergePatch);
        } else {
            merge(p.template.get(), mergePatch);
        }
    }

    private static void merge(ObjectNode into, ObjectNode patch) {
        patch.properties()
                .forEach(
                        field -> {
                            if (field.getValue() instanceof ObjectNode inner
                                    && into.path(field.getKey()) instanceof ObjectNode present) {
                                merge(present, inner);
                            } else {
                                into.set(field.getKey(), field.getValue());
                            }
                        });
    }

    /// Whether this pass changes the ReplicaSet's pod template.
    boolean isTouched(ReplicaSetView set) {
        Pending p = pending.get(set.name());
        return p != null && p.template.isPresent();
    }

    /// The spec count that the ReplicaSet has after this pass.
    public int countOf(ReplicaSetView set) {
        Pending p = pending.get(set.name());
        return p == null ? set.replicas() : p.to;
    }

    public boolean scale(ReplicaSetView set, int wanted) {
        return scale(set, wanted, false);
    }

    /// Wants a spec count; a lower one only as far as what proxies may still be doing allows
    /// (D1, D2). True when it changes.
    public boolean scale(ReplicaSetView set, int wanted, boolean keepsDeadline) {
        int to = wanted < set.replicas() ? Capacity.lowest(this, set, wanted) : wanted;
        annotate(set, Names.DESIRED_REPLICAS, Optional.of(Integer.toString(replicas())));
        if (to == 0 && !keepsDeadline) {
            annotate(set, Names.SCALE_DOWN_DEADLINE, Optional.empty());
        }
        if (to == set.replicas()) {
            return false;
        }
        pending(set).to = to;
        return true;
    }

    /// A pass that writes a plan removes no pods: its stamp and a scale-down would be about
    /// different plans (D3).
    public void holdScaleDowns() {
        scaleDownsHeld = true;
    }

    public void raise(ReplicaSetView set, int least) {
        if (countOf(set) < least) {
            pending(set).to = least;
        }
    }

    private Pending pending(ReplicaSetView set) {
        return pending.computeIfAbsent(set.name(), _ -> new Pending(set));
    }

    public Optional<Condition> progressing() {
        return next.condition(Conditions.PROGRESSING);
    }

    /// Ends the pass: the draft becomes the status, what is pending per ReplicaSet becomes one
    /// write each.
    public Decision decision() {
        relyOnWhatStays();
        List<Command> first = new ArrayList<>(before);
        List<Command> then = new ArrayList<>(after);
        for (Pending p : pending.values()) {
            int to = scaleDownsHeld ? Math.max(p.to, p.set.replicas()) : p.to;
            if (to > p.to) {
                // what stays keeps its deadline (D4)
                p.annotations.remove(Names.SCALE_DOWN_DEADLINE, Optional.<String>empty());
            }
            if (to != p.set.replicas()) {
                (to > p.set.replicas() ? first : then).add(scaleCommand(p, to));
            } else if (!p.annotations.isEmpty()
                    || p.minReadySeconds.isPresent()
                    || p.template.isPresent()) {
                first.add(
                        new Command.AnnotateReplicaSet(
                                p.set.name(),
                                p.set.uid(),
                                p.set.resourceVersion(),
                                p.annotations,
                                p.minReadySeconds,
                                p.template,
                                List.of()));
            }
        }
        then.addAll(last);
        RolloutStatus status = next.freeze();
        Optional<Instant> held = Counting.heldUntil(stored, status, now);
        held.ifPresent(this::wakeAt);
        return new Decision(
                held.isPresent() ? stored : status,
                held.isPresent()
                        ? Optional.empty()
                        : StatusJson.patch(rollout.json().path("status"), status),
                first,
                then,
                notices,
                wakeAt);
    }

    /// Without a router a revision loses its last pods because others are there. Those are marked
    /// first, in the version that was seen: of two passes that would each give up the pods that the
    /// other counts on, while a Rollout changes hands, one meets a conflict.
    private void relyOnWhatStays() {
        boolean isCounted = spec.strategy() instanceof Strategy.Canary canary && !canary.isRouted();
        String leaving =
                pending.values().stream()
                        .filter(p -> p.to == 0 && p.set.replicas() > 0)
                        .map(p -> p.set.name() + "@" + p.set.resourceVersion())
                        .sorted()
                        .collect(Collectors.joining(","));
        if (!isCounted || scaleDownsHeld || leaving.isEmpty()) {
            return;
        }
        for (ReplicaSetView set : sets.owned()) {
            if (set.replicas() > 0 && countOf(set) == set.replicas()) {
                annotate(set, Names.RELIED_ON, Optional.of(leaving));
            }
        }
    }

    private static Command scaleCommand(Pending p, int to) {
        String direction = to > p.set.replicas() ? "up" : "down";
        long revision =
                Names.number(
                        p.annotations
                                .getOrDefault(Names.REVISION, Optional.empty())
                                .or(() -> p.set.annotation(Names.REVISION))
                                .orElse(""));
        String text =
                "Scaled "
                        + direction
                        + " ReplicaSet "
                        + p.set.name()
                        + " (revision "
                        + revision
                        + ") from "
                        + p.set.replicas()
                        + " to "
                        + to;
        return new Command.ScaleReplicaSet(
                p.set.name(),
                p.set.uid(),
                p.set.resourceVersion(),
                p.set.replicas(),
                to,
                p.annotations,
                p.template,
                List.of(Notice.normal("ScalingReplicaSet", text)));
    }

    /// Ends the pass with commands only; the status stays as stored.
    public Decision commandsOnly() {
        return new Decision(stored, Optional.empty(), before, after, notices, wakeAt);
    }
}
