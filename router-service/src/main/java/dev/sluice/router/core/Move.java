package dev.sluice.router.core;

/// What ShiftPlanner says comes next.
public sealed interface Move {

    /// One write. After it everything is looked at again.
    sealed interface Write extends Move {}

    /// Bring one routing object to this division of traffic. With what it has, this only stamps the
    /// plan or repairs what else is ours on the object.
    record Program(ObjectRef route, Routing routing) implements Write {}

    /// Let a Service or subset select another revision.
    record Point(String service, String hash) implements Write {}

    /// Stamp the plan on a Service or subset whose selector stays.
    record Stamp(String service) implements Write {}

    /// Everything is as planned and seen to be.
    record Complete() implements Move {}

    /// As far as it goes now. Traffic is left where it is.
    ///
    /// @param reason CamelCase, a closed set: metric label and first word of the message
    record Partial(Reason reason, String message) implements Move {}

    /// Written, but not yet seen to be taken over, or a former value still lingers; look again
    /// soon.
    record Wait(Reason reason, String message) implements Move {}

    /// A newer plan is already on the objects: what was read is old.
    record Stale(String message) implements Move {}

    /// Why traffic does not move.
    enum Reason {
        /// A revision has too few available pods.
        CAPACITY("Capacity"),
        /// Proxies may still apply a former configuration.
        DRAINING("Draining"),
        /// Endpoints or the router's controller have not followed yet.
        NOT_ACKNOWLEDGED("NotAcknowledged"),
        /// A Service or router object is missing.
        MISSING("Missing"),
        /// Another Rollout owns the object.
        FOREIGN_OWNER("ForeignOwner"),
        /// The router's configuration or object can't carry the plan.
        INVALID("Invalid"),
        /// The router is not one that this version can program.
        UNSUPPORTED("UnsupportedRouter"),
        /// The router's controller refused the object.
        REJECTED("Rejected"),
        /// An abort may not raise the canary's share.
        ABORT("Abort");

        private final String wireName;

        Reason(String wireName) {
            this.wireName = wireName;
        }

        /// The name in messages and metric labels.
        public String wireName() {
            return wireName;
        }
    }
}
