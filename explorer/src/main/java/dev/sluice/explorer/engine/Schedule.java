package dev.sluice.explorer.engine;

import dev.sluice.explorer.scenario.Scenario;
import dev.sluice.explorer.scenario.Scenarios;
import java.util.ArrayList;
import java.util.List;

/// What happened, from a start that is always the same: everything that is needed to see it again.
///
/// Written as `scenario: name name*3 …`; `scenario@fresh` starts before the first deployment.
public record Schedule(Scenario scenario, boolean fresh, List<Integer> actions) {
    private static final String FRESH = "@fresh";

    public Schedule {
        actions = List.copyOf(actions);
    }

    public Schedule with(List<Integer> others) {
        return new Schedule(scenario, fresh, others);
    }

    /// Reads what [#text] wrote.
    ///
    /// @throws IllegalArgumentException with the word that makes no sense
    public static Schedule parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("a schedule is 'scenario: action action …'");
        }
        String head = text.substring(0, colon).strip();
        boolean fresh = head.endsWith(FRESH);
        String name = fresh ? head.substring(0, head.length() - FRESH.length()) : head;
        Scenario scenario =
                Scenarios.named(name)
                        .orElseThrow(
                                () -> new IllegalArgumentException("no scenario '" + name + "'"));
        return new Schedule(scenario, fresh, actions(scenario, text.substring(colon + 1)));
    }

    /// Reads the actions alone.
    public static List<Integer> actions(Scenario scenario, String text) {
        Alphabet alphabet = Alphabet.of(scenario);
        List<Integer> actions = new ArrayList<>();
        for (String word : text.strip().split("\\s+", -1)) {
            if (word.isEmpty()) {
                continue;
            }
            int star = word.indexOf('*');
            String action = star < 0 ? word : word.substring(0, star);
            int times = star < 0 ? 1 : Integer.parseInt(word.substring(star + 1));
            int id =
                    alphabet.find(action)
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "no action '"
                                                            + action
                                                            + "' in "
                                                            + scenario.name()));
            for (int i = 0; i < times; i++) {
                actions.add(id);
            }
        }
        return actions;
    }

    public String text() {
        Alphabet alphabet = Alphabet.of(scenario);
        StringBuilder out = new StringBuilder(scenario.name());
        out.append(fresh ? FRESH : "").append(':');
        int i = 0;
        while (i < actions.size()) {
            int run = i;
            while (run < actions.size() && actions.get(run).equals(actions.get(i))) {
                run++;
            }
            out.append(' ').append(alphabet.get(actions.get(i)).name());
            if (run - i > 1) {
                out.append('*').append(run - i);
            }
            i = run;
        }
        return out.toString();
    }
}
