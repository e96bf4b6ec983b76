package dev.sluice.explorer.scenario;

import java.util.Arrays;
import java.util.List;

/// An outage that users of such systems had, as a schedule.
///
/// @param name the project's issue, such as `issue-4390`
/// @param cause what happened and why, in our words
/// @param invariants the numbers of those that it broke
/// @param schedule the same course of events; `turn` lets everybody act once, `work` everybody but
///     the proxies
public record Story(String name, String cause, List<String> invariants, String schedule) {

    public Story {
        invariants = List.copyOf(invariants);
    }

    static Story of(String name, String invariants, String cause, String schedule) {
        return new Story(name, cause, Arrays.asList(invariants.split(" ", -1)), schedule);
    }
}
