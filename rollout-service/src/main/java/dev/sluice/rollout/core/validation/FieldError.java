package dev.sluice.rollout.core.validation;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// Errors in the shape in which Kubernetes reports them; only the detail is stable.
final class FieldError {
    private static final int MAX_VALUE = 120;

    private FieldError() {}

    static String invalid(String path, JsonNode value, String detail) {
        return invalid(path, value.isMissingNode() ? "null" : value.toString(), detail);
    }

    static String invalid(String path, String value, String detail) {
        String shown = value.length() > MAX_VALUE ? value.substring(0, MAX_VALUE) + "…" : value;
        return path + ": Invalid value: " + shown + ": " + detail;
    }

    static String internal(String path, String detail) {
        return path + ": Internal error: " + detail;
    }

    static String required(String path, String detail) {
        return path + ": Required value: " + detail;
    }

    static String duplicate(String path, JsonNode value) {
        return path + ": Duplicate value: " + value;
    }

    static String notFound(String path, JsonNode value) {
        return path + ": Not found: " + value;
    }

    static String unsupportedValue(String path, JsonNode value, List<String> supported) {
        String quoted = supported.stream().map(v -> '"' + v + '"').collect(joining(", "));
        return path + ": Unsupported value: " + value + ": supported values: " + quoted;
    }

    static String unsupported(String path, String what) {
        return path + ": Forbidden: " + what + " is not supported by this version of Sluice";
    }
}
