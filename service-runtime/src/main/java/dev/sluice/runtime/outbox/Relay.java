package dev.sluice.runtime.outbox;

import dev.sluice.events.Event;
import dev.sluice.runtime.Outbox;
import dev.sluice.runtime.RuntimeConfig;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Stores facts, sends them in order per key, marks them, and sweeps up what was left.
///
/// - Fast path: the caller's thread stores what is new and puts it into its key's [Lane]; a lane
///   has one record under way, so order holds whatever fails.
/// - A send that fails gives up its whole lane: the rows are released and a sweep takes them in
///   order.
/// - Sweeping uses an owner name of its own, so that facts stored meanwhile see foreign rows before
///   them and wait for the next sweep instead of overtaking.
/// - A leftover that somebody may have sent is looked for on its topic first.
public final class Relay implements Outbox {

    /// Remembered identities: spares the store what reconciles hand over again and again.
    private static final int KNOWN = 50_000;

    private static final int SWEEP_SIZE = 1_000;
    private static final int STRIPES = 64;

    /// How long published rows are gathered before they are marked together, in milliseconds. A
    /// crash within it costs a look at the topic's tail, never a repetition.
    private static final long MARK_AFTER = 100;

    private static final Duration ENSURE_PATIENCE = Duration.ofMillis(800);

    /// Well below the lease of a row: an older row may already be somebody else's.
    private static final Duration LANE_PATIENCE = Duration.ofSeconds(15);

    /// Clocks of replicas and broker may differ by this much.
    private static final Duration SKEW = Duration.ofMinutes(1);

    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(3);
    private static final Logger LOG = Logger.getLogger(Relay.class);

    /// Something to send; `row` 0 is not in the store.
    private record Item(long row, long sequence, Fact fact, Instant since) {}

    /// Rows of a key that a sweep has to send.
    private record GivenUp(String key, List<Long> rows) {}

    private static final class Lane {
        final ArrayDeque<Item> items = new ArrayDeque<>();
    }

    private final String owner;
    private final String sweeper;
    private final String prefix;
    private final RuntimeConfig.OutboxSettings settings;
    private final OutboxStore store;
    private final Publisher publisher;
    private final LogTail tail;
    private final MeterRegistry metrics;
    private final InstantSource clock;
    private final Instant startedAt;

    private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];
    private final ConcurrentMap<String, Lane> lanes = new ConcurrentHashMap<>();
    private final Queue<Long> sent = new ConcurrentLinkedQueue<>();
    private final Queue<GivenUp> givenUp = new ConcurrentLinkedQueue<>();
    private final Set<String> blockedKeys = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> lastSequence = lru(KNOWN);
    private final Set<String> known = Collections.newSetFromMap(lru(KNOWN));

    /// Facts that no store holds, in order: to be tried again, and published ones to be remembered.
    private final ArrayDeque<Fact> held = new ArrayDeque<>();

    private final Map<String, Integer> heldKeys = new HashMap<>();
    private final Queue<OutboxStore.Published> unrecorded = new ConcurrentLinkedQueue<>();

    private final AtomicLong pending = new AtomicLong();
    private final AtomicBoolean flushRequested = new AtomicBoolean();
    private final AtomicBoolean marking = new AtomicBoolean();
    private final ScheduledExecutorService worker =
            Executors.newScheduledThreadPool(
                    2, Thread.ofPlatform().daemon().name("outbox-", 0).factory());
    private volatile boolean stopped;
    private Instant prunedAt = Instant.EPOCH;

    /// @param owner name of this replica, different from every other one's
    public Relay(
            String owner,
            String prefix,
            RuntimeConfig.OutboxSettings settings,
            OutboxStore store,
            Publisher publisher,
            LogTail tail,
            MeterRegistry metrics,
            InstantSource clock) {
        this.owner = owner;
        this.sweeper = owner + "/sweep";
        this.prefix = prefix;
        this.settings = settings;
        this.store = store;
        this.publisher = publisher;
        this.tail = tail;
        this.metrics = metrics;
        this.clock = clock;
        this.startedAt = clock.instant();
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new ReentrantLock();
        }
        metrics.gauge("sluice.outbox.pending", pending, AtomicLong::doubleValue);
    }

    /// Starts sweeping.
    public void start() {
        long every = Math.max(50, settings.sweepInterval().toMillis());
        ScheduledFuture<?> _ =
                worker.scheduleWithFixedDelay(this::tick, 0, every, TimeUnit.MILLISECONDS);
    }

    /// Looks for leftovers now, because something came back.
    public void nudge() {
        if (!stopped) {
            ScheduledFuture<?> _ = worker.schedule(this::tick, 0, TimeUnit.MILLISECONDS);
        }
    }

    /// Lets what is under way finish, for a few seconds, then stops. What is left stays in the
    /// store.
    public void stop() {
        Instant deadline = clock.instant().plus(DRAIN_PATIENCE);
        while (!lanes.isEmpty() && clock.instant().isBefore(deadline)) {
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        stopped = true;
        worker.shutdownNow();
        flush();
    }

    @Override
    public boolean accepting() {
        synchronized (held) {
            if (held.size() >= settings.memoryLimit()) {
                return false;
            }
        }
        return store.isUp() || publisher.isReachable();
    }

    @Override
    public void ensure(List<Event> facts) {
        List<Fact> fresh = new ArrayList<>();
        for (Event event : facts) {
            if (!isKnown(event.source() + "|" + event.id())) {
                fresh.add(Fact.of(event, prefix));
            }
        }
        if (!fresh.isEmpty()) {
            accept(fresh);
        }
    }

    /// A repetition goes past the rows: it is sent only if the store says that the fact is on its
    /// topic, and while nothing of its key is under way.
    @Override
    public void announceAgain(Event event) {
        metrics.counter(
                        "sluice.outbox.repeated",
                        "type",
                        event.type(),
                        "outcome",
                        repeat(Fact.of(event, prefix)))
                .increment();
    }

    private String repeat(Fact fact) {
        if (!accepting() || !publisher.isReachable() || !store.isReachable()) {
            return "not-accepting";
        }
        if (lanes.containsKey(fact.key())
                || blockedKeys.contains(fact.key())
                || isHeld(List.of(fact))) {
            return "under-way";
        }
        OptionalLong sequence;
        try {
            sequence = store.publishedAs(fact);
        } catch (StoreUnavailableException e) {
            return "not-accepting";
        }
        if (sequence.isEmpty()) {
            // Never published: then it is no repetition, and goes the usual way.
            accept(List.of(fact));
            return "first";
        }
        var _ =
                publisher
                        .publish(
                                fact.topic(),
                                fact.key(),
                                fact.headersWith(sequence.getAsLong()),
                                fact.payload().getBytes(StandardCharsets.UTF_8))
                        .whenComplete(
                                (_, failure) -> {
                                    if (failure != null) {
                                        LOG.debugf("%s not repeated: %s", fact.id(), failure);
                                    }
                                });
        return "sent";
    }

    private void accept(List<Fact> facts) {
        List<ReentrantLock> locks = lock(facts);
        if (locks.isEmpty()) {
            hold(facts);
            return;
        }
        try {
            if (store.isReachable() && !isHeld(facts)) {
                try {
                    storeAndSend(facts);
                    return;
                } catch (StoreUnavailableException e) {
                    LOG.debugf("Outbox store is down, sending without it: %s", e.getMessage());
                }
            }
            sendUnstored(facts);
        } finally {
            locks.reversed().forEach(ReentrantLock::unlock);
        }
    }

    private void storeAndSend(List<Fact> facts) {
        boolean blocked = facts.stream().anyMatch(f -> blockedKeys.contains(f.key()));
        List<OutboxStore.Appended> added = store.append(blocked ? sweeper : owner, facts);
        Map<String, Fact> byIdentity = new HashMap<>();
        facts.forEach(f -> byIdentity.put(f.identity(), f));
        Instant now = clock.instant();
        for (OutboxStore.Appended row : added) {
            Fact fact = byIdentity.get(row.identity());
            if (fact == null) {
                continue;
            }
            remember(fact.key(), row.sequence());
            if (row.sendable() && !blocked) {
                offer(new Item(row.row(), row.sequence(), fact, now));
            } else if (row.sendable()) {
                givenUp.add(new GivenUp(fact.key(), List.of(row.row())));
            }
        }
        facts.forEach(f -> know(f.identity()));
    }

    /// The store is down: send at once if Kafka is up, remember for later, else keep in memory.
    private void sendUnstored(List<Fact> facts) {
        List<Fact> mine = new ArrayList<>();
        List<Fact> old = new ArrayList<>();
        for (Fact fact : facts) {
            (fact.time().isBefore(startedAt) ? old : mine).add(fact);
        }
        // A fact from before this process may have been published by its predecessor.
        if (store.isContacting() || !publisher.isReachable() || isHeld(facts) || !old.isEmpty()) {
            hold(facts);
            return;
        }
        mine.forEach(this::sendNow);
    }

    private void sendNow(Fact fact) {
        know(fact.identity());
        offer(new Item(0, nextSequence(fact.key()), fact, clock.instant()));
    }

    private void hold(Collection<Fact> facts) {
        synchronized (held) {
            for (Fact fact : facts) {
                if (held.size() >= settings.memoryLimit()) {
                    LOG.warnf(
                            "%d facts wait in memory, dropping %s: the state that implies it brings"
                                    + " it back",
                            held.size(), fact.identity());
                    return;
                }
                know(fact.identity());
                held.add(fact);
                heldKeys.merge(fact.key(), 1, Integer::sum);
            }
        }
    }

    private boolean isHeld(Collection<Fact> facts) {
        synchronized (held) {
            return facts.stream().anyMatch(f -> heldKeys.containsKey(f.key()));
        }
    }

    private void offer(Item item) {
        String key = item.fact().key();
        AtomicBoolean first = new AtomicBoolean();
        lanes.compute(
                key,
                (_, found) -> {
                    first.set(found == null);
                    Lane lane = found == null ? new Lane() : found;
                    lane.items.add(item);
                    return lane;
                });
        if (first.get()) {
            send(item);
        }
    }

    /// Sends the head of a lane; whoever makes an item the head calls this, once.
    private void send(Item item) {
        String key = item.fact().key();
        if (item.row() > 0 && item.since().plus(LANE_PATIENCE).isBefore(clock.instant())) {
            giveUp(key);
            return;
        }
        var _ =
                publisher
                        .publish(
                                item.fact().topic(),
                                key,
                                item.fact().headersWith(item.sequence()),
                                item.fact().payload().getBytes(StandardCharsets.UTF_8))
                        .whenComplete(
                                (_, failure) -> {
                                    if (failure == null) {
                                        succeeded(key, item);
                                    } else {
                                        LOG.debugf("%s not sent: %s", item.fact().id(), failure);
                                        giveUp(key);
                                    }
                                });
    }

    private void succeeded(String key, Item item) {
        if (item.row() > 0) {
            sent.add(item.row());
        } else {
            unrecorded.add(new OutboxStore.Published(item.fact(), item.sequence()));
        }
        metrics.counter("sluice.events.published", "type", item.fact().type()).increment();
        AtomicReference<@Nullable Item> next = new AtomicReference<>();
        lanes.computeIfPresent(
                key,
                (_, lane) -> {
                    lane.items.poll();
                    next.set(lane.items.peek());
                    return lane.items.isEmpty() ? null : lane;
                });
        requestFlush();
        Item head = next.get();
        if (head != null) {
            send(head);
        }
    }

    /// The broker did not take the head: everything behind it must wait as well.
    private void giveUp(String key) {
        lanes.computeIfPresent(
                key,
                (_, lane) -> {
                    List<Long> rows = new ArrayList<>();
                    for (Item item : lane.items) {
                        if (item.row() > 0) {
                            rows.add(item.row());
                        } else {
                            hold(List.of(item.fact()));
                        }
                    }
                    if (!rows.isEmpty()) {
                        blockedKeys.add(key);
                        givenUp.add(new GivenUp(key, List.copyOf(rows)));
                    }
                    return null;
                });
        requestFlush();
    }

    private void requestFlush() {
        if (!stopped && flushRequested.compareAndSet(false, true)) {
            ScheduledFuture<?> _ = worker.schedule(this::flush, MARK_AFTER, TimeUnit.MILLISECONDS);
        }
    }

    /// Writes down what was sent and what was given up.
    private void flush() {
        flushRequested.set(false);
        if ((sent.isEmpty() && givenUp.isEmpty() && unrecorded.isEmpty())
                || !marking.compareAndSet(false, true)) {
            return;
        }
        List<Long> done = new ArrayList<>(drain(sent));
        List<GivenUp> released = new ArrayList<>(drain(givenUp));
        List<OutboxStore.Published> direct = new ArrayList<>(drain(unrecorded));
        try {
            if (!store.isReachable()) {
                throw new StoreUnavailableException("store is down", new IllegalStateException());
            }
            if (!done.isEmpty()) {
                store.markPublished(done);
                done.clear();
            }
            if (!released.isEmpty()) {
                store.release(released.stream().flatMap(g -> g.rows().stream()).toList());
                released.forEach(g -> blockedKeys.remove(g.key()));
                released.clear();
            }
            if (!direct.isEmpty()) {
                store.appendPublished(direct);
                direct.clear();
            }
        } catch (StoreUnavailableException e) {
            sent.addAll(done);
            givenUp.addAll(released);
            unrecorded.addAll(direct);
        } finally {
            marking.set(false);
        }
    }

    private static <T> List<T> drain(Queue<T> queue) {
        List<T> taken = new ArrayList<>();
        while (taken.size() < SWEEP_SIZE) {
            T item = queue.poll();
            if (item == null) {
                break;
            }
            taken.add(item);
        }
        return taken;
    }

    private void tick() {
        try {
            flush();
            sweepHeld();
            if (store.isReachable()) {
                sweep();
                pending.set(store.pending());
                if (prunedAt.plus(Duration.ofMinutes(10)).isBefore(clock.instant())) {
                    prunedAt = clock.instant();
                    store.prune(settings.retention());
                }
            } else {
                synchronized (held) {
                    pending.set(held.size());
                }
            }
        } catch (StoreUnavailableException e) {
            LOG.debugf("Sweep waits for the store: %s", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("Sweep of the outbox failed, it goes on at the next interval", e);
        }
    }

    /// Sends what nobody has a lease of, once it is clear that it is not on its topic already.
    void sweep() {
        if (!publisher.isReachable()) {
            return;
        }
        List<OutboxStore.Leftover> rows = store.claim(sweeper, SWEEP_SIZE);
        if (rows.isEmpty()) {
            return;
        }
        List<Fact> doubtful = new ArrayList<>();
        Instant since = clock.instant();
        for (OutboxStore.Leftover row : rows) {
            if (row.attemptedAt().isPresent()) {
                doubtful.add(row.fact());
                Instant attempted = row.attemptedAt().get();
                since = attempted.isBefore(since) ? attempted : since;
            }
        }
        Set<String> present = new HashSet<>();
        if (!doubtful.isEmpty()) {
            var found = tail.present(doubtful, since.minus(SKEW));
            if (found.isEmpty()) {
                store.release(rows.stream().map(OutboxStore.Leftover::row).toList());
                return;
            }
            present.addAll(found.get());
        }
        Instant now = clock.instant();
        for (OutboxStore.Leftover row : rows) {
            if (present.contains(row.fact().identity())) {
                sent.add(row.row());
            } else {
                offer(new Item(row.row(), row.sequence(), row.fact(), now));
            }
        }
    }

    /// Gives facts held in memory to the store, or to Kafka where only that is up.
    private void sweepHeld() {
        List<Fact> waiting;
        synchronized (held) {
            if (held.isEmpty()) {
                return;
            }
            waiting = List.copyOf(held);
        }
        if (store.isReachable()) {
            for (Fact fact : waiting) {
                storeAndSend(List.of(fact));
                release(fact);
            }
        } else if (publisher.isReachable() && !store.isContacting()) {
            List<Fact> doubtful =
                    waiting.stream().filter(f -> f.time().isBefore(startedAt)).toList();
            var oldest = doubtful.stream().map(Fact::time).min(Instant::compareTo);
            var present =
                    oldest.isEmpty()
                            ? Optional.of(Set.<String>of())
                            : tail.present(doubtful, oldest.get().minus(SKEW));
            if (present.isEmpty()) {
                return;
            }
            for (Fact fact : waiting) {
                if (present.get().contains(fact.identity())) {
                    unrecorded.add(new OutboxStore.Published(fact, 0));
                } else {
                    sendNow(fact);
                }
                release(fact);
            }
        }
    }

    private void release(Fact fact) {
        synchronized (held) {
            held.remove(fact);
            heldKeys.computeIfPresent(fact.key(), (_, n) -> n > 1 ? n - 1 : null);
        }
    }

    /// Locks the stripes of all keys, in one order; empty if that takes too long.
    private List<ReentrantLock> lock(List<Fact> facts) {
        List<Integer> wanted =
                facts.stream()
                        .map(f -> Math.floorMod(f.key().hashCode(), STRIPES))
                        .distinct()
                        .sorted()
                        .toList();
        List<ReentrantLock> taken = new ArrayList<>();
        try {
            for (int stripe : wanted) {
                if (!stripes[stripe].tryLock(ENSURE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    taken.reversed().forEach(ReentrantLock::unlock);
                    return List.of();
                }
                taken.add(stripes[stripe]);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            taken.reversed().forEach(ReentrantLock::unlock);
            return List.of();
        }
        return taken;
    }

    private boolean isKnown(String identity) {
        synchronized (known) {
            return known.contains(identity);
        }
    }

    private void know(String identity) {
        synchronized (known) {
            known.add(identity);
        }
    }

    private void remember(String key, long sequence) {
        synchronized (lastSequence) {
            lastSequence.merge(key, sequence, Math::max);
        }
    }

    /// The next number of a key while the store is down; 0 (sent without) where it is not known.
    private long nextSequence(String key) {
        synchronized (lastSequence) {
            Long next = lastSequence.computeIfPresent(key, (_, last) -> last + 1);
            return next == null ? 0 : next;
        }
    }

    private static <V> Map<String, V> lru(int limit) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > limit;
            }
        };
    }
}
