package dev.sluice.rollout.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.events.Event;
import dev.sluice.runtime.Outbox;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FactLogTest {
    private static final Instant WRITTEN = Instant.parse("2026-01-01T00:00:00Z");
    private static final String WITH_AN_OPEN_PLAN =
            """
            {'apiVersion':'argoproj.io/v1alpha1','kind':'Rollout',
             'metadata':{'namespace':'shop','name':'web'},
             'spec':{'replicas':2,'selector':{'matchLabels':{'app':'web'}},
              'template':{'metadata':{'labels':{'app':'web'}},
               'spec':{'containers':[{'name':'web','image':'example.com/web:1'}]}},
              'strategy':{'blueGreen':{'activeService':'active'}}},
             'status':{'release':{'attempt':1,'startedAt':'2026-01-01T00:00:00Z','toHash':'a'},
              'trafficPlan':{'id':7,'attempt':1,'writtenAt':'2026-01-01T00:00:00Z',
               'reason':'Initial','maxWeight':100,'anchor':'active','services':[],'shares':[],
               'live':[]}}}
            """;

    private final List<Event> again = new ArrayList<>();
    private Instant now = WRITTEN;
    private final FactLog log =
            new FactLog(new Announced(), new Signature("test", "/sluice/test"), () -> now);
    private final Sighting sighting = new InMemoryCluster(WITH_AN_OPEN_PLAN).look();

    /// L2: a plan without an answer is announced again, under the same id, ever more rarely.
    @Test
    void announcesAnUnansweredPlanAgainEverMoreRarely() {
        // When
        List<Integer> seconds = new ArrayList<>();
        for (int second = 0; second <= 120; second++) {
            now = WRITTEN.plusSeconds(second);
            int before = again.size();
            log.ensure(sighting, sighting.stored());
            if (again.size() > before) {
                seconds.add(second);
            }
        }

        // Then
        assertThat(seconds).containsExactly(15, 45, 105);
        assertThat(again).extracting(Event::id).containsOnly("uid-1/1/step-reached/0/plan-7");
    }

    private final class Announced implements Outbox {
        @Override
        public void ensure(List<Event> facts) {}

        @Override
        public void announceAgain(Event fact) {
            again.add(fact);
        }

        @Override
        public boolean accepting() {
            return true;
        }
    }
}
