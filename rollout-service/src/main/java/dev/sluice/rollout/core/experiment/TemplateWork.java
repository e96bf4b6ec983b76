package dev.sluice.rollout.core.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.rollout.core.Names;
import dev.sluice.rollout.core.Notice;
import dev.sluice.rollout.core.Observation.ReplicaSetView;
import dev.sluice.rollout.core.experiment.ExperimentObservation.Refusal;
import dev.sluice.rollout.core.experiment.ExperimentObservation.ServiceView;
import dev.sluice.rollout.core.experiment.ExperimentStatus.TemplateStatus;
import dev.sluice.rollout.core.hash.PodHash;
import dev.sluice.rollout.core.status.Times;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// One template of an Experiment: its ReplicaSet, its Service, and how it stands.
final class TemplateWork {
    private static final int RETRY_SECONDS = 10;
    private static final int REACHED_RETRY_SECONDS = 5;

    /// Salted hashes that are tried before one is taken as it is.
    private static final int MAX_SALT = 100;

    /// In what a hash is taken over, never in a manifest.
    private static final String OWNER = "sluice.dev/experiment-template";

    private final ExperimentPass pass;
    private final ExperimentSpec.Template template;
    private final TemplateStatus before;
    private final Optional<ReplicaSetView> set;
    private final int desired;
    private Optional<String> error = Optional.empty();
    private Optional<Integer> collisionCount;
    private Optional<Instant> lastTransition;
    private String serviceName;
    private String hash;

    TemplateWork(ExperimentPass pass, ExperimentSpec.Template template) {
        this.pass = pass;
        this.template = template;
        this.before = pass.stored.template(template.name());
        this.set = setOf(pass, template.name());
        this.desired = pass.isTerminating || before.isCompleted() ? 0 : template.replicas();
        this.collisionCount = before.collisionCount();
        this.lastTransition = before.lastTransitionTime();
        this.serviceName = before.serviceName();
        this.hash = before.podTemplateHash();
    }

    static Optional<ReplicaSetView> setOf(ExperimentPass pass, String template) {
        return pass.seen.replicaSets().stream()
                .filter(rs -> !rs.deleting())
                .filter(rs -> rs.annotation(ExperimentNames.TEMPLATE).equals(Optional.of(template)))
                .findFirst();
    }

    void run() {
        if (set.isPresent()) {
            serve(set.get());
            scale(set.get());
        } else if (!pass.isTerminating && !before.isCompleted()) {
            create();
        }
        boolean countsMoved =
                set.map(ReplicaSetView::created).orElse(0) != before.replicas()
                        || set.map(ReplicaSetView::ready).orElse(0) != before.readyReplicas()
                        || set.map(ReplicaSetView::available).orElse(0)
                                != before.availableReplicas();
        if (countsMoved || (set.isPresent() && lastTransition.isEmpty())) {
            touch();
        }
        assess();
    }

    private void touch() {
        lastTransition = Optional.of(Times.seconds(pass.now));
    }

    private void create() {
        Optional<Refusal> refusal =
                pass.refusal(
                        c ->
                                c instanceof ExperimentCommand.CreateReplicaSet create
                                        && create.template().equals(template.name()));
        if (refusal.isPresent() && !refusal.get().taken()) {
            String text =
                    "Failed to create ReplicaSet for template '"
                            + template.name()
                            + "': "
                            + refusal.get().reason();
            pass.notices.add(Notice.warning("ReplicaSetCreateError", text));
            error = Optional.of(text);
            return;
        }
        if (lastTransition.isEmpty()) {
            touch();
        }
        if (refusal.isPresent()) {
            // Somebody else's object may go away; the progress deadline bounds the wait.
            collisionCount = Optional.of(Math.max(1, collisionCount.orElse(0)));
            pass.wakeAt(pass.now.plusSeconds(RETRY_SECONDS));
            return;
        }
        String name = Manifests.replicaSetName(pass.experiment, template);
        pass.command(
                new ExperimentCommand.CreateReplicaSet(
                        template.name(),
                        Manifests.replicaSet(pass.experiment, template, freeHash()),
                        List.of(
                                Notice.normal(
                                        "NewReplicaSetCreated",
                                        "Created new replica set \"" + name + "\""))));
    }

    /// A hash that no other ReplicaSet of the namespace has: Services tell pods apart by it alone,
    /// so equal templates must not have equal hashes (S1). It is taken over whose template it is as
    /// well, so nobody needs to have heard of the others; what is left is chance.
    private String freeHash() {
        Set<String> used = new HashSet<>(pass.seen.hashesInUse());
        pass.seen.replicaSets().forEach(rs -> used.add(rs.hash()));
        String found = hash(collisionCount);
        for (int salt = 1; used.contains(found) && salt < MAX_SALT; salt++) {
            collisionCount = Optional.of(salt);
            found = hash(collisionCount);
        }
        return found;
    }

    private String hash(Optional<Integer> salt) {
        ObjectNode pods = Manifests.withoutHash(template.template());
        pods.withObject("/metadata/annotations")
                .put(OWNER, pass.experiment.meta().uid() + "/" + template.name());
        return PodHash.of(pods, salt);
    }

    private void serve(ReplicaSetView rs) {
        if (template.service().isEmpty() || desired == 0) {
            withdraw(rs);
            return;
        }
        Optional<ServiceView> present = services().filter(s -> !s.deleting()).findFirst();
        if (present.isPresent()) {
            serviceName = present.get().name();
            hash = rs.hash();
        } else if (!Manifests.ports(rs.template()).isEmpty()) {
            createService(rs, template.service().get());
        }
    }

    private Stream<ServiceView> services() {
        return pass.seen.services().stream().filter(s -> s.isOf(template.name()));
    }

    private void createService(ReplicaSetView rs, ExperimentSpec.ServiceAsk ask) {
        String name = ask.name().isEmpty() ? rs.name() : ask.name();
        Optional<Refusal> refusal =
                pass.refusal(
                        c ->
                                c instanceof ExperimentCommand.CreateService create
                                        && create.template().equals(template.name()));
        if (refusal.isPresent()) {
            error =
                    Optional.of(
                            "Failed to create Service "
                                    + name
                                    + " for template '"
                                    + template.name()
                                    + "': "
                                    + refusal.get().reason());
            return;
        }
        serviceName = name;
        hash = rs.hash();
        pass.command(
                new ExperimentCommand.CreateService(
                        template.name(),
                        Manifests.service(pass.experiment, template.name(), name, rs)));
    }

    /// The Service goes when its pods are gone, or nobody wants it any more, and no route leads to
    /// it (R7).
    private void withdraw(ReplicaSetView rs) {
        boolean isWanted = template.service().isPresent() && rs.available() > 0;
        if (isWanted || pass.isReached(rs, serviceName)) {
            return;
        }
        services()
                .filter(s -> !s.deleting())
                .forEach(s -> pass.command(new ExperimentCommand.DeleteService(s.name(), s.uid())));
        serviceName = "";
        hash = "";
    }

    private void scale(ReplicaSetView rs) {
        Map<String, Optional<String>> notes = new TreeMap<>();
        int to = desired > 0 ? desired : windDown(rs, notes);
        if (desired > 0 && rs.annotation(Names.SCALE_DOWN_DEADLINE).isPresent()) {
            notes.put(Names.SCALE_DOWN_DEADLINE, Optional.empty());
        }
        if (to == rs.replicas()) {
            if (!notes.isEmpty()) {
                pass.command(
                        new ExperimentCommand.AnnotateReplicaSet(
                                rs.name(), rs.uid(), rs.resourceVersion(), notes));
            }
            return;
        }
        Optional<Refusal> refusal =
                pass.refusal(
                        c ->
                                c instanceof ExperimentCommand.ScaleReplicaSet scale
                                        && scale.template().equals(template.name()));
        if (refusal.isPresent()) {
            pass.wakeAt(pass.now.plusSeconds(RETRY_SECONDS));
            error =
                    Optional.of(
                            "Unable to scale ReplicaSet for template '"
                                    + template.name()
                                    + "' to desired replica count '"
                                    + desired
                                    + "': "
                                    + refusal.get().reason());
            return;
        }
        touch();
        String direction = to > rs.replicas() ? "up" : "down";
        String text =
                "Scaled "
                        + direction
                        + " ReplicaSet "
                        + rs.name()
                        + " from "
                        + rs.replicas()
                        + " to "
                        + to;
        pass.command(
                new ExperimentCommand.ScaleReplicaSet(
                        template.name(),
                        rs.name(),
                        rs.uid(),
                        rs.resourceVersion(),
                        to,
                        notes,
                        List.of(Notice.normal("ScalingReplicaSet", text))));
    }

    /// The count on the way to none: everything while a route may lead here, everything until the
    /// delay after that is over (D3), then none.
    private int windDown(ReplicaSetView rs, Map<String, Optional<String>> notes) {
        if (rs.replicas() == 0) {
            return 0;
        }
        if (pass.isReached(rs, serviceName)) {
            pass.wakeAt(pass.now.plusSeconds(REACHED_RETRY_SECONDS));
            return Math.max(rs.replicas(), template.replicas());
        }
        int delay = pass.spec.scaleDownDelaySeconds();
        Optional<String> text = rs.annotation(Names.SCALE_DOWN_DEADLINE);
        if (delay == 0) {
            if (text.isPresent()) {
                notes.put(Names.SCALE_DOWN_DEADLINE, Optional.empty());
            }
            return 0;
        }
        // One that cannot be read is written anew rather than taken as passed (D4).
        Optional<Instant> deadline = text.flatMap(Times::parse);
        if (deadline.isEmpty()) {
            deadline = Optional.of(Times.seconds(pass.now.plusSeconds(delay)));
            notes.put(Names.SCALE_DOWN_DEADLINE, Optional.of(Times.text(deadline.get())));
        }
        if (pass.now.isBefore(deadline.get())) {
            pass.wakeAt(deadline.get());
            return template.replicas();
        }
        return 0;
    }

    private void assess() {
        String status = before.status();
        String message = before.message();
        if (!before.isCompleted()) {
            int available = set.map(ReplicaSetView::available).orElse(0);
            message = "";
            if (error.isPresent()) {
                status = "Error";
                message = error.get();
            } else if (pass.isTerminating || (desired == available && pass.isDurationOver())) {
                // Before the deadline: a healthy template that is told to end is no failure.
                status = "Successful";
            } else if (desired == available) {
                status = "Running";
            } else if (isOverdue()) {
                status = "Failed";
                message =
                        "Template '"
                                + template.name()
                                + "' exceeded its progressDeadlineSeconds ("
                                + pass.spec.progressDeadlineSeconds()
                                + ")";
            } else {
                status = "Progressing";
            }
        }
        announce(status, message);
        pass.templates.put(
                template.name(),
                new TemplateStatus(
                        template.name(),
                        set.map(ReplicaSetView::created).orElse(0),
                        set.map(ReplicaSetView::created).orElse(0),
                        set.map(ReplicaSetView::ready).orElse(0),
                        set.map(ReplicaSetView::available).orElse(0),
                        collisionCount,
                        status,
                        message,
                        lastTransition,
                        serviceName,
                        hash));
    }

    private boolean isOverdue() {
        Instant due =
                lastTransition.orElse(pass.now).plusSeconds(pass.spec.progressDeadlineSeconds());
        if (pass.now.isAfter(due)) {
            return true;
        }
        pass.wakeAt(due.plusMillis(1));
        return false;
    }

    private void announce(String status, String message) {
        if (status.equals(before.status())) {
            return;
        }
        String text =
                "Template '"
                        + template.name()
                        + "' transitioned from "
                        + before.status()
                        + " -> "
                        + status
                        + (message.isEmpty() ? "" : ": " + message);
        boolean isBad = status.equals("Failed") || status.equals("Error");
        String reason = "Template" + status;
        pass.notices.add(isBad ? Notice.warning(reason, text) : Notice.normal(reason, text));
    }
}
