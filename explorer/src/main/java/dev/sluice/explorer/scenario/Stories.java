package dev.sluice.explorer.scenario;

import java.util.List;

/// What has happened to others, one row each.
public final class Stories {
    private static final List<Story> ALL =
            List.of(
                    Story.of(
                            "issue-2235",
                            "S3 D2",
                            "the selector of a role Service followed minutes after the weight, and"
                                    + " the pods behind it were gone",
                            "canary-gateway: image1 work*6 time35000 work*8 time120000 turn*20"),
                    Story.of(
                            "issue-2050",
                            "D1 D3",
                            "at the last step stable went to zero while the canary was losing pods:"
                                    + " routing waited, scaling did not",
                            "canary-two-routers-five: image1 turn*4 promote-full turn*4 die1*3"
                                    + " work*6 time35000 die1 turn*4"),
                    Story.of(
                            "issue-3372",
                            "T1 X2 A2",
                            "a third revision in mid-release moved all traffic to a stable revision"
                                    + " that had shrunk",
                            "canary-dynamic: image1 turn*6 time11000 turn*6 time11000 turn*4 image2"
                                    + " turn*2 work*6 turn*4"),
                    Story.of(
                            "issue-3020",
                            "X4 A2",
                            "the former template applied again in mid-release counted as a"
                                    + " promotion",
                            "canary-dynamic: image1 turn*6 time11000 turn*6 time11000"
                                    + " turn*4 image0 turn*2 work*6 time11000 turn*4"),
                    Story.of(
                            "issue-4390",
                            "X1 D1 C13",
                            "a superseded revision was scaled down at once while proxies still used"
                                    + " it",
                            "canary-nginx: image1 turn*4 time11000 turn*3 image2 work*8 time3000"
                                    + " work*4 turn*4"),
                    Story.of(
                            "issue-4534",
                            "D5 X1",
                            "a superseding revision took the delay of the one before away",
                            "bluegreen: image1 turn*4 image2 turn*2 rollout0.crash turn*3 time35000"
                                    + " turn*4"),
                    Story.of(
                            "issue-3681",
                            "D2 D3",
                            "pods of the old revision ended before the proxies had the new weights",
                            "canary-gateway: image1 turn*4 promote-full work*10 time3000 work*6"
                                    + " time3000 work*6 turn*4"),
                    Story.of(
                            "issue-3926",
                            "R5 D2",
                            "a slow router had not applied a weight when the old pods went",
                            "canary-gateway-acknowledged: image1 work*6 time35000 work*8"
                                    + " promote-full work*8 time120000 work*8 turn*4"),
                    Story.of(
                            "issue-4612",
                            "S2 S3",
                            "in a rollback the selector changed before the weight had left",
                            "canary-two-routers: image1 turn*8 time11000 turn*6 image0 work*6"
                                    + " turn*2 image1 work*4 turn*4"),
                    Story.of(
                            "issue-4898",
                            "L5",
                            "an abort, a shrinking stable revision and a delayed scale-down waited"
                                    + " for one another for ever",
                            "canary-dynamic-abort: image1 turn*6 time11000 turn*6 time11000 turn*4"
                                    + " abort work*4 turn*4"),
                    Story.of(
                            "issue-3941",
                            "P6",
                            "a rollback inside the window moved traffic when one pod was up",
                            "canary-window: image1 turn*8 time11000 turn*8 time35000 turn*6 stick0"
                                    + " image0 turn*6 die1 turn*2"),
                    Story.of(
                            "issue-1292",
                            "A1",
                            "an abort with nothing under way scaled stable to zero",
                            "canary-nginx: abort turn*6 time35000 turn*2"),
                    Story.of(
                            "issue-3774",
                            "D4",
                            "a conflict lost the deadline of an old revision, and its pods ended at"
                                    + " once",
                            "bluegreen: image1 turn*4 rollout0.sees-all rollout1.sees-all"
                                    + " rollout0.look rollout1.look rollout0.write*3 rollout1.write*3"
                                    + " turn*2 time11000 turn*2"),
                    Story.of(
                            "issue-2118",
                            "A8",
                            "after an abort the canary Service selected nothing",
                            "canary-gateway: image1 turn*6 abort turn*4 time35000 turn*6"),
                    Story.of(
                            "issue-1820",
                            "R8",
                            "ingress-nginx answers 503 when the stable Service is empty, though the"
                                    + " canary has all the weight",
                            "canary-nginx: image1 turn*4 promote-full turn*4 time11000 work*6"
                                    + " time35000 turn*4"),
                    Story.of(
                            "issue-3467",
                            "T4",
                            "weights were negative after a scale-down, and overflowed with a large"
                                    + " maximum",
                            "canary-fine-weights: image1 turn*6 scale1 turn*4 scale5 turn*4"),
                    Story.of(
                            "issue-3565",
                            "H1",
                            "a sync from Git reset the replicas that an autoscaler had set",
                            "canary-nginx: scale5 turn*3 image1 turn*2 scale2 turn*2 scale5"
                                    + " turn*4"),
                    Story.of(
                            "issue-1415",
                            "H3",
                            "an autoscaler's change in mid-release scaled stable to zero",
                            "canary-plain: image1 turn*3 scale1 turn*2 scale5 turn*3"),
                    Story.of(
                            "issue-2931",
                            "H4 H5",
                            "a new template and another replica count in one write left the release"
                                    + " stuck",
                            "bluegreen-preview-count: scale4 image1 turn*2 scale2 turn*4"),
                    Story.of(
                            "issue-1583",
                            "H6",
                            "with one replica, or none, the strategy did what nobody expected",
                            "canary-plain-no-surge: scale1 turn*3 image1 turn*3 scale0 turn*4"
                                    + " scale2 turn*3"),
                    Story.of(
                            "issue-4604",
                            "B6",
                            "the gate before the switch passed although the new revision had lost"
                                    + " its pods",
                            "bluegreen-analysis: image1 work*2 set1 ready1 rollout0.sees-all"
                                    + " rollout0.look rollout0.write*4 die1 turn*3"),
                    Story.of(
                            "issue-2897",
                            "X3",
                            "a retry went on with the failed measurement of the attempt before",
                            "canary-analysis: image1 turn*6 run-Failed turn*3 retry turn*6"),
                    Story.of(
                            "issue-4073",
                            "C2 C3",
                            "a write into its own cache hid the newer state from the controller"
                                    + " until it was restarted",
                            "canary-nginx: image1 rollout0.sees-all rollout0.look rollout0.write"
                                    + " rollout0.look rollout0.write image2 rollout0.look"
                                    + " rollout0.write*2 turn*4"),
                    Story.of(
                            "issue-2117",
                            "C1",
                            "an old leader woke up and went on beside the new one",
                            "canary-nginx: image1 turn*4 rollout1.sees-all router1.reads-rollout"
                                    + " router1.look abort rollout0.sees-all rollout0.look"
                                    + " rollout0.write*4 rollout1.look router1.write rollout1.write*4"
                                    + " turn*4"),
                    Story.of(
                            "issue-3988",
                            "L4",
                            "the progress deadline never fired, or fired in a pause",
                            "canary-deadline: image1 turn stick1 turn*6 time120000 turn*4"
                                    + " time120000 turn*4 unstick1 retry turn*3"),
                    Story.of(
                            "issue-1774",
                            "L2",
                            "a broken stable revision held a healthy fix up",
                            "canary-plain: stick0 die0*4 turn*2 image1 turn*6 promote-full turn*4"),
                    Story.of(
                            "issue-1757",
                            "C9 A3",
                            "traffic and counts flapped at the edge of a step",
                            "canary-two-routers: image1 turn*3 time3000 turn*2 time3000 turn*2"
                                    + " abort turn*3 retry turn*4"),
                    Story.of(
                            "issue-2929",
                            "A6",
                            "an aborted release started again by itself",
                            "canary-abort-keeps: image1 turn*4 abort turn*3 rollout0.crash"
                                    + " rollout1.crash turn*4 scale4 turn*3"),
                    Story.of(
                            "issue-1731",
                            "P7",
                            "at the first deployment the traffic left its backend before anybody"
                                    + " could take it over",
                            "canary-gateway@fresh: work*3 image1 work*2 turn*6"),
                    Story.of(
                            "issue-4752",
                            "S3",
                            "the label and the weight changed back to back, with no time for either"
                                    + " to spread",
                            "canary-gateway-acknowledged: image1 work*12 gateway.endpoints work*4"
                                    + " time3000 work*4 acknowledge time11000 turn*6"),
                    Story.of(
                            "issue-3617",
                            "A7 R3",
                            "after an abort a header route still led to the canary Service, which"
                                    + " had no pods any more",
                            "canary-routes-abort: image1 turn*8 abort work*8 time3000 turn*20"),
                    Story.of(
                            "issue-4716",
                            "R3",
                            "the header route was gone after a restart of the controller",
                            "canary-routes: image1 turn*8 rollout0.crash rollout1.crash"
                                    + " router0.crash router1.crash turn*6 time11000 turn*6"),
                    Story.of(
                            "issue-2526",
                            "A7 L8",
                            "a header route that was not taken away kept the release from its end",
                            "canary-routes-dynamic: image1 turn*8 promote-full turn*10 time11000"
                                    + " turn*10"),
                    Story.of(
                            "issue-5006",
                            "S1",
                            "the stable Service of a pair that takes turns selected every pod, also"
                                    + " those of the canary",
                            "canary-ping-pong@fresh: image0 turn*8 image1 turn*8 time11000 turn*8"
                                    + " time35000 turn*8 image2 turn*8"),
                    Story.of(
                            "issue-1966",
                            "T5",
                            "old revisions went while the new one had no pods that could serve",
                            "canary-plain-all-available: image1 turn*2 stick1 turn*3 image2 turn*3"
                                    + " unstick1 turn*4"),
                    Story.of(
                            "issue-4479",
                            "G1",
                            "an analysis of which nothing could be measured counted as passed",
                            "canary-analysis: image1 turn*6 run-Error turn*6"),
                    Story.of(
                            "issue-3850",
                            "G3 D6",
                            "an inconclusive analysis was measured again and again until the release"
                                    + " went on",
                            "canary-analysis: image1 turn*6 run-Inconclusive turn*2"
                                    + " time35000 turn*4 time120000 turn*3"),
                    Story.of(
                            "issue-3420",
                            "T2",
                            "a weight was given before any pod of the revision was ready",
                            "canary-two-routers: image1 work*2 stick1 work*8 time11000"
                                    + " turn*4 unstick1 turn*4"),
                    Story.of(
                            "read-in-source-floor",
                            "T1 T2",
                            "a share was rounded down to no pods at all",
                            "canary-fine-weights: scale1 turn*4 image1 turn*10 time11000 turn*8"),
                    Story.of(
                            "issue-4128",
                            "A4 P8",
                            "an abort was not accepted while something else held the release",
                            "canary-frozen: image1 turn*8 freeze turn*2 abort turn*10 time35000"
                                    + " turn*6"),
                    Story.of(
                            "flagger-1931",
                            "A9 T7",
                            "all traffic went to a promotion target without healthy pods",
                            "canary-gateway: image1 turn*8 stick1 die1*2 turn*3"
                                    + " promote-full turn*4"),
                    Story.of(
                            "issue-4221",
                            "D7 D8",
                            "a restart and a scale-down each used the whole budget, so that both"
                                    + " together left too few pods",
                            "canary-restarts-dynamic: scale2 rollout0.sees-all rollout0.look"
                                    + " rollout0.write*2 restart rollout1.sees-all rollout1.look set0"
                                    + " rollout1.write*3 turn*4 image1 turn*8 restart turn*20"),
                    Story.of(
                            "issue-3333",
                            "T8 R5",
                            "what a router does could not be asked, and that counted as done",
                            "canary-gateway: image1 turn*2 work*3 blind work*6 time35000 turn*6"
                                    + " sighted turn*8"),
                    Story.of(
                            "issue-2091",
                            "C8",
                            "a release that was paused and aborted at once was written again and"
                                    + " again",
                            "canary-nginx: image1 turn*6 pause turn*3 abort rollout0.sees-all"
                                    + " rollout0.look rollout0.write*4 rollout0.sees-all"
                                    + " rollout0.look rollout0.write*4 rollout0.sees-all"
                                    + " rollout0.look rollout0.write*4 turn*6 time35000 turn*3"),
                    Story.of(
                            "issue-1107",
                            "G9",
                            "the same measurement had another name with each look, and was started"
                                    + " without end",
                            "canary-analysis: image1 turn*4 rollout0.crash rollout1.crash"
                                    + " rollout0.look rollout1.look rollout0.write*4 rollout1.write*4"
                                    + " time11000 rollout1.crash turn*6"),
                    Story.of(
                            "issue-1367",
                            "S5 C12",
                            "after a restart of the controller its template had another hash, and a"
                                    + " release began that nobody wanted",
                            "canary-nginx: rollout0.crash rollout1.crash router0.crash router1.crash"
                                    + " turn*4 scale4 turn*4"),
                    Story.of(
                            "read-in-source-verification",
                            "R4 R5",
                            "of two routers one had not applied the weight, and the other's answer"
                                    + " counted for both",
                            "canary-two-routers: image1 work*12 nginx.config nginx.endpoints work*4"
                                    + " time1000 work*4 turn*6"),
                    Story.of(
                            "read-in-source-intermediate",
                            "D1 X1",
                            "the revision in between lost its pods because no traffic was meant for"
                                    + " it any more, though some still came",
                            "canary-gateway: image1 turn*8 image2 work*10 time3000"
                                    + " work*6 turn*6"),
                    Story.of(
                            "openkruise-272",
                            "R10 B7",
                            "switching the strategy stranded traffic",
                            "strategy-switched: image1 turn*3 strategy-bluegreen turn*4 image2"
                                    + " turn*3 strategy-canary turn*4"));

    private Stories() {}

    public static List<Story> all() {
        return ALL;
    }
}
