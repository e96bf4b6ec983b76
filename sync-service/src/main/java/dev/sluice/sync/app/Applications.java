package dev.sluice.sync.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.runtime.WriteResult;
import java.util.List;
import java.util.Optional;

/// Port to the Applications and projects. Status and operation are ordinary fields of the main
/// resource.
public interface Applications {
    /// Read from the API server, not from a cache.
    Optional<ObjectNode> read(AppKey key);

    /// A merge patch that holds only if the object still has the version it was made for.
    WriteResult patch(AppKey key, ObjectNode patch, String resourceVersion);

    /// Sets the refresh annotation, whoever works on the Application.
    void requestRefresh(AppKey key);

    /// All Applications as last seen; good for finding candidates, not for deciding.
    List<JsonNode> known();

    Optional<JsonNode> project(String name);

    /// A core/v1 Event on the Application.
    void note(ObjectNode application, boolean warning, String reason, String message);
}
