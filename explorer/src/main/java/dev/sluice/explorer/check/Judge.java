package dev.sluice.explorer.check;

import dev.sluice.explorer.model.Cluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Watches a run: every write of ours against the rules, every second against the requests. Keeps
/// the first violation.
public final class Judge {
    private Optional<Violation> violation = Optional.empty();
    private final Set<String> broken = new TreeSet<>();
    private long passes;
    private long writes;
    private long requests;
    private long excused;

    public Judge copy() {
        Judge copy = new Judge();
        copy.violation = violation;
        copy.broken.addAll(broken);
        return copy;
    }

    public Optional<Violation> violation() {
        return violation;
    }

    public void report(String number, String message) {
        if (violation.isEmpty()) {
            violation = Optional.of(new Violation(number, message));
        }
    }

    public void countPass() {
        passes++;
    }

    public void wrote(RolloutWrite write) {
        writes++;
        judge(ScaleRules.ALL, write);
        judge(StatusRules.ALL, write);
        judge(ExperimentRules.OF_ROLLOUTS, write);
        judge(WorkloadRules.ALL, write);
    }

    public void wrote(ExperimentWrite write) {
        writes++;
        judge(ExperimentRules.ALL, write);
    }

    public void wrote(RouterWrite write) {
        writes++;
        judge(TrafficRules.ALL, write);
    }

    public void wrote(CommandWrite write) {
        writes++;
        judge(CommandWriteRules.ALL, write);
    }

    private <W> void judge(List<Rule<W>> rules, W write) {
        for (Rule<W> rule : rules) {
            rule.check()
                    .broken(write)
                    .ifPresent(how -> report(rule.number(), rule.sentence() + ": " + how));
        }
    }

    /// One request each way.
    public void request(Cluster cluster) {
        Requests.Round round = Requests.send(cluster, broken);
        requests += round.sent();
        excused += round.excused();
        round.lost().ifPresent(how -> report("request", "a request is lost: " + how));
    }

    public long passes() {
        return passes;
    }

    public long writes() {
        return writes;
    }

    public long requests() {
        return requests;
    }

    /// Requests that failed because pods were taken away from outside.
    public long excused() {
        return excused;
    }

    /// Number and sentence of everything that is checked on writes.
    public static List<String> catalogue() {
        List<String> all = new ArrayList<>();
        ScaleRules.ALL.forEach(r -> all.add(r.number() + " " + r.sentence()));
        StatusRules.ALL.forEach(r -> all.add(r.number() + " " + r.sentence()));
        ExperimentRules.ALL.forEach(r -> all.add(r.number() + " " + r.sentence()));
        WorkloadRules.ALL.forEach(r -> all.add(r.number() + " " + r.sentence()));
        ExperimentRules.OF_ROLLOUTS.forEach(r -> all.add(r.number() + " " + r.sentence()));
        TrafficRules.ALL.forEach(r -> all.add(r.number() + " " + r.sentence()));
        CommandWriteRules.ALL.forEach(r -> all.add(r.number() + " " + r.sentence()));
        return all;
    }
}
