package dev.sluice.e2e;

import dev.sluice.testkit.IstioGateway;
import dev.sluice.testkit.Part;
import dev.sluice.testkit.SluiceStack;
import dev.sluice.testkit.StackSession;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// No request is lost because of us behind Istio: its own control plane, and Envoy as an ingress
/// gateway. Nobody says that a change is in force, so each one waits for its drain bound.
@SluiceStack({Part.NODES, Part.KAFKA, Part.POSTGRES})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IstioTrafficE2E {
    @AutoClose private RealTraffic traffic;
    private IstioGateway edge;

    @BeforeAll
    void start(StackSession session) {
        RealTraffic.skipUnlessPossible(IstioGateway.obstacle(session.stack().binaries()));
        edge = IstioGateway.start(session.stack(), session.namespace(), "edge");
        traffic = RealTraffic.start(session, edge);
    }

    @TestFactory
    Stream<DynamicTest> noRequestIsLost() {
        TrafficRouter hosts = TrafficRouter.istioHosts(edge);
        traffic.canary("hosts", hosts, Courses::goesToTheEnd);
        traffic.canary("hosts-aborted", hosts, Courses::isAbortedOnItsWay);
        traffic.canary("hosts-superseded", hosts, Courses::isSuperseded);
        TrafficRouter subsets = TrafficRouter.istioSubsets(edge);
        traffic.canary("subsets", subsets, Courses::goesToTheEnd);
        traffic.canary("subsets-aborted", subsets, Courses::isAbortedOnItsWay);
        traffic.canary("subsets-superseded", subsets, Courses::isSuperseded);
        return traffic.run();
    }
}
