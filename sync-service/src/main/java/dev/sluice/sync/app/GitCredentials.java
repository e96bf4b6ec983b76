package dev.sluice.sync.app;

import java.util.Optional;

/// Where the credentials of a repository come from.
public interface GitCredentials {
    /// A user and its password or token; never printed.
    record UserPassword(String username, String password) {
        @Override
        public String toString() {
            return "UserPassword[***]";
        }
    }

    Optional<UserPassword> of(String repoUrl);
}
