package dev.sluice.explorer.drive;

import dev.sluice.events.RolloutCommand;
import dev.sluice.events.RolloutCommand.AbortRollout;
import dev.sluice.events.RolloutCommand.CommandTarget;
import dev.sluice.events.RolloutCommand.PromoteRollout;
import dev.sluice.events.RolloutCommand.RetryRollout;
import dev.sluice.events.WorkloadRef;
import dev.sluice.explorer.model.Cluster;
import dev.sluice.explorer.model.StoredRollout;
import dev.sluice.rollout.core.RolloutStatus;
import dev.sluice.rollout.core.RolloutStatus.Release;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Commands on their way to rollout-service: in order, and each at least once until it is
/// answered.
public final class Post {
    private static final int MOST_OPEN = 3;
    private static final String ACTOR = "somebody";

    /// A command, and what its sender saw.
    record Sent(int number, RolloutCommand command, StoredRollout sight) {}

    /// What may be asked for.
    public enum Wish {
        ABORT,
        RETRY,
        PROMOTE,
        PROMOTE_FULL
    }

    private final List<Sent> open = new ArrayList<>();
    private Optional<Sent> answered = Optional.empty();
    private int count;

    Post() {}

    Post(Post other) {
        open.addAll(other.open);
        answered = other.answered;
        count = other.count;
    }

    /// Somebody asks for something by what is there now.
    public boolean send(Wish wish, Cluster cluster) {
        if (open.size() >= MOST_OPEN) {
            return false;
        }
        StoredRollout sight = cluster.rollout();
        RolloutStatus status = sight.status();
        CommandTarget target =
                new CommandTarget(
                        new WorkloadRef(
                                "sim", Cluster.NAMESPACE, "Rollout", Cluster.NAME, Cluster.UID),
                        status.release().map(Release::attempt).orElse(0L),
                        status.currentStepIndex());
        RolloutCommand command =
                switch (wish) {
                    case ABORT -> new AbortRollout(target, ACTOR, Optional.empty());
                    case RETRY -> new RetryRollout(target, ACTOR, Optional.empty());
                    case PROMOTE -> new PromoteRollout(target, ACTOR, false, Optional.empty());
                    case PROMOTE_FULL -> new PromoteRollout(target, ACTOR, true, Optional.empty());
                };
        open.add(new Sent(count++, command, sight));
        return true;
    }

    /// The last command that was answered arrives once more.
    public boolean repeat() {
        answered.ifPresent(open::addFirst);
        boolean isRepeated = answered.isPresent();
        answered = Optional.empty();
        return isRepeated;
    }

    /// Whether every command has been answered (L7).
    public boolean isEmpty() {
        return open.isEmpty();
    }

    Optional<Sent> next() {
        return open.isEmpty() ? Optional.empty() : Optional.of(open.getFirst());
    }

    void answer(Sent sent) {
        if (open.removeIf(s -> s.number() == sent.number())) {
            answered = Optional.of(sent);
        }
    }
}
