package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;

/// A straight line through measurements, by least squares.
final class Line {
    private record Point(double x, double y) {}

    private final List<Point> points = new ArrayList<>();

    void add(double x, double y) {
        points.add(new Point(x, y));
    }

    int count() {
        return points.size();
    }

    double first() {
        return points.isEmpty() ? 0 : points.getFirst().y();
    }

    double last() {
        return points.isEmpty() ? 0 : points.getLast().y();
    }

    /// How much y rises while x rises by one; zero for fewer than two points.
    double slope() {
        double spread = spread();
        return spread == 0 ? 0 : covariance() / spread;
    }

    /// Standard error of the slope; zero for fewer than three points.
    double slopeError() {
        double spread = spread();
        if (points.size() < 3 || spread == 0) {
            return 0;
        }
        double slope = slope();
        double intercept = meanY() - slope * meanX();
        double rest =
                points.stream()
                        .mapToDouble(p -> Math.pow(p.y() - intercept - slope * p.x(), 2))
                        .sum();
        return Math.sqrt(rest / (points.size() - 2) / spread);
    }

    private double spread() {
        double mean = meanX();
        return points.stream().mapToDouble(p -> Math.pow(p.x() - mean, 2)).sum();
    }

    private double covariance() {
        double meanX = meanX();
        double meanY = meanY();
        return points.stream().mapToDouble(p -> (p.x() - meanX) * (p.y() - meanY)).sum();
    }

    private double meanX() {
        return points.stream().mapToDouble(Point::x).average().orElse(0);
    }

    private double meanY() {
        return points.stream().mapToDouble(Point::y).average().orElse(0);
    }
}
