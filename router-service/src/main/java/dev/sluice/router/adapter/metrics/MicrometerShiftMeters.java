package dev.sluice.router.adapter.metrics;

import dev.sluice.router.app.ShiftMeters;
import dev.sluice.router.core.Move;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/// `sluice_shift_seconds`, `sluice_shift_blocked_total{reason}`, `sluice_shift_writes_total{kind}`
/// and `sluice_shift_repairs_total`. No label names an object: nothing grows with the cluster.
@ApplicationScoped
class MicrometerShiftMeters implements ShiftMeters {

    private final MeterRegistry registry;
    private final Timer shift;

    MicrometerShiftMeters(MeterRegistry registry) {
        this.registry = registry;
        this.shift =
                Timer.builder("sluice.shift")
                        .description("From a plan being written to evidence that it is carried out")
                        .publishPercentileHistogram()
                        .minimumExpectedValue(Duration.ofMillis(10))
                        .maximumExpectedValue(Duration.ofMinutes(10))
                        .register(registry);
    }

    @Override
    public void carriedOut(Duration sinceWritten) {
        shift.record(sinceWritten.isNegative() ? Duration.ZERO : sinceWritten);
    }

    @Override
    public void blocked(Move.Reason reason) {
        registry.counter("sluice.shift.blocked", "reason", reason.wireName()).increment();
    }

    @Override
    public void wrote(String kind) {
        registry.counter("sluice.shift.writes", "kind", kind).increment();
    }

    @Override
    public void repaired() {
        registry.counter("sluice.shift.repairs").increment();
    }
}
