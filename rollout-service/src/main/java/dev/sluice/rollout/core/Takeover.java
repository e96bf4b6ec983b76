package dev.sluice.rollout.core;

import dev.sluice.rollout.core.Observation.ServiceView;
import dev.sluice.rollout.core.RolloutStatus.CanaryWeights;
import dev.sluice.rollout.core.RolloutStatus.Release;
import dev.sluice.rollout.core.TrafficPlan.Destination;
import dev.sluice.rollout.core.TrafficPlan.Observed;
import dev.sluice.rollout.core.TrafficPlan.Reason;
import dev.sluice.rollout.core.TrafficPlan.Role;
import dev.sluice.rollout.core.TrafficPlan.RoleService;
import dev.sluice.rollout.core.TrafficPlan.Selected;
import dev.sluice.rollout.core.TrafficPlan.Share;
import dev.sluice.rollout.core.TrafficPlan.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Recognises a release that another controller has brought to where it stands: from before us, or
/// in our absence.
///
/// The first plan then only says what is there, so that its evidence shows it, and until then
/// everything in it counts as live. Whatever the release wants next is decided after that, by the
/// same rules as ever.
final class Takeover {
    private static final int ALL = 100;

    private Takeover() {}

    /// Puts what is there in the place of a plan that is missing, or that the status contradicts.
    static void recognise(Pass pass) {
        if (pass.stored.currentPodHash().isEmpty() || pass.stored.stableRS().isEmpty()) {
            return;
        }
        boolean isOthers = isOthers(pass);
        numberAttempt(pass, isOthers);
        Optional<TrafficPlan> present =
                switch (pass.spec.strategy()) {
                    case Strategy.Canary canary -> routed(pass, canary, isOthers);
                    case Strategy.BlueGreen bg -> blueGreen(pass, bg, isOthers);
                };
        present.ifPresent(
                plan -> {
                    pass.next.trafficPlan = Optional.of(plan);
                    pass.takesOver = true;
                });
    }

    private static boolean isOthers(Pass pass) {
        return pass.stored
                .release()
                .map(r -> !r.toHash().equals(pass.stored.currentPodHash()))
                .orElse(false);
    }

    /// True when the status says that somebody else has routed since our plan was carried out.
    static boolean isVoid(Pass pass) {
        return isOthers(pass)
                || pass.stored
                        .trafficPlan()
                        .filter(plan -> plan.observed().flatMap(Observed::weights).isPresent())
                        .map(
                                plan ->
                                        pass.stored
                                                .weights()
                                                .map(is -> contradicts(plan, is))
                                                .orElse(true))
                        .orElse(false);
    }

    /// A release in progress needs a number; one that was over before we came does not.
    private static void numberAttempt(Pass pass, boolean isOthers) {
        boolean isNext = !pass.newHash().equals(pass.stored.currentPodHash());
        boolean isOver = pass.stored.stableRS().equals(pass.stored.currentPodHash());
        if (!isNext && (isOthers || (pass.stored.release().isEmpty() && !isOver))) {
            Promotion.startAttempt(pass);
        }
    }

    private static Optional<TrafficPlan> routed(
            Pass pass, Strategy.Canary canary, boolean isOthers) {
        if (!canary.isRouted() || pass.stored.weights().isEmpty()) {
            return Optional.empty();
        }
        CanaryWeights is = pass.stored.weights().get();
        boolean isKnown =
                !isOthers
                        && pass.stored
                                .trafficPlan()
                                .filter(p -> p.weights().isPresent() && !contradicts(p, is))
                                .isPresent();
        String stable = canary.stableService().orElse("");
        String fresh = canary.canaryService().orElse("");
        String stableHash = selected(pass, stable);
        String freshHash = selected(pass, fresh);
        if (isKnown || stableHash.isEmpty() || freshHash.isEmpty()) {
            return Optional.empty();
        }
        List<Destination> others =
                is.additional().stream()
                        .map(w -> new Destination(w.serviceName(), w.podTemplateHash(), w.weight()))
                        .toList();
        int max = canary.maxWeight();
        int rest = max - others.stream().mapToInt(Destination::weight).sum();
        int weight = Math.clamp(is.canary().weight(), 0, Math.max(0, rest));
        List<Share> shares = new ArrayList<>();
        others.forEach(d -> shares.add(new Share(d.podTemplateHash(), d.weight())));
        if (stableHash.equals(freshHash)) {
            shares.add(new Share(stableHash, rest));
        } else {
            shares.add(new Share(freshHash, weight));
            shares.add(new Share(stableHash, rest - weight));
        }
        return Optional.of(
                plan(
                        pass,
                        max,
                        stable,
                        List.of(
                                new RoleService(stable, Role.STABLE, stableHash),
                                new RoleService(fresh, Role.CANARY, freshHash)),
                        Optional.of(new Weights(weight, rest - weight, others)),
                        shares));
    }

    /// We write the weights of the evidence and the stable hash of the plan; somebody else wrote
    /// others.
    private static boolean contradicts(TrafficPlan plan, CanaryWeights is) {
        Optional<Weights> seen = plan.observed().flatMap(Observed::weights);
        return seen.isPresent()
                && (seen.get().canary() != is.canary().weight()
                        || !plan.selected(Role.STABLE)
                                .equals(Optional.of(is.stable().podTemplateHash())));
    }

    private static Optional<TrafficPlan> blueGreen(
            Pass pass, Strategy.BlueGreen bg, boolean isOthers) {
        boolean isKnown =
                !isOthers
                        && pass.stored
                                .trafficPlan()
                                .filter(p -> isKnown(p, bg, pass.stored.activeSelector()))
                                .isPresent();
        String active = selected(pass, bg.activeService());
        if (isKnown || active.isEmpty()) {
            return Optional.empty();
        }
        List<RoleService> services = new ArrayList<>();
        services.add(new RoleService(bg.activeService(), Role.ACTIVE, active));
        bg.previewService()
                .filter(name -> !selected(pass, name).isEmpty())
                .ifPresent(
                        name ->
                                services.add(
                                        new RoleService(name, Role.PREVIEW, selected(pass, name))));
        return Optional.of(
                plan(
                        pass,
                        ALL,
                        bg.activeService(),
                        services,
                        Optional.empty(),
                        List.of(new Share(active, ALL))));
    }

    /// We write the selector of the evidence; a plan from before the strategy was switched knows
    /// the Service by its name, and there is no selector yet.
    private static boolean isKnown(TrafficPlan plan, Strategy.BlueGreen bg, String activeSelector) {
        Optional<Role> role =
                plan.services().stream()
                        .filter(s -> s.name().equals(bg.activeService()))
                        .map(RoleService::role)
                        .findFirst();
        boolean isOfBefore = role.filter(r -> r != Role.ACTIVE).isPresent();
        boolean isContradicted =
                plan.observed()
                        .flatMap(o -> o.selected(bg.activeService()))
                        .filter(hash -> !hash.equals(activeSelector))
                        .isPresent();
        return role.isPresent() && (!isContradicted || (isOfBefore && activeSelector.isEmpty()));
    }

    private static String selected(Pass pass, String service) {
        return Optional.ofNullable(pass.seen.services().get(service))
                .map(ServiceView::hash)
                .orElse("");
    }

    /// Its number lies above every earlier one, so that no evidence of an earlier plan is taken for
    /// its own; it is not written itself, the plan that follows from it is.
    private static TrafficPlan plan(
            Pass pass,
            int max,
            String anchor,
            List<RoleService> services,
            Optional<Weights> weights,
            List<Share> shares) {
        long id = pass.stored.trafficPlan().map(TrafficPlan::id).orElse(0L) + 1;
        List<Selected> selected =
                services.stream().map(s -> new Selected(s.name(), s.podTemplateHash())).toList();
        List<Share> sum = TrafficPlan.max(shares, List.of());
        return new TrafficPlan(
                id,
                pass.next.release.map(Release::attempt).orElse(1L),
                pass.now,
                Reason.Reconfigure,
                false,
                max,
                anchor,
                services,
                weights,
                weights.flatMap(_ -> Carriage.of(pass.spec.strategy())),
                List.of(),
                sum,
                TrafficPlan.max(
                        pass.stored.trafficPlan().map(TrafficPlan::live).orElse(List.of()), sum),
                Optional.of(
                        new Observed(
                                id,
                                pass.now,
                                pass.now,
                                "Written",
                                weights,
                                selected,
                                true,
                                "found as it is")),
                Planning.threshold(pass));
    }

    /// The routing to plan while a release is being taken over.
    static Planning.Wanted wanted(TrafficPlan found) {
        return new Planning.Wanted.Routing(
                found.anchor(),
                found.maxWeight(),
                found.services(),
                found.weights(),
                found.carriage(),
                found.routes(),
                found.shares());
    }
}
