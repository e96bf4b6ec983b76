package dev.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One repository of the stack's Git server, with a working copy to commit from.
public final class GitRepo {
    private static final Map<String, String> IDENTITY =
            Map.of(
                    "GIT_AUTHOR_NAME", "Dana Developer",
                    "GIT_AUTHOR_EMAIL", "dana@example.test",
                    "GIT_COMMITTER_NAME", "Dana Developer",
                    "GIT_COMMITTER_EMAIL", "dana@example.test",
                    "GIT_CONFIG_NOSYSTEM", "1",
                    "GIT_CONFIG_GLOBAL", "/dev/null");

    private final String url;
    private final Path work;

    private GitRepo(String url, Path work) {
        this.url = url;
        this.work = work;
    }

    static GitRepo create(GitServer server, String name) {
        var bare = server.root().resolve(name + ".git");
        git(server.root(), "init", "--quiet", "--bare", "--initial-branch=main", bare.toString());
        git(bare, "config", "http.receivepack", "true");
        var work = server.root().resolveSibling("git-work").resolve(name);
        Folders.create(Folders.parentOf(work));
        git(Folders.parentOf(work), "clone", "--quiet", bare.toString(), work.toString());
        git(work, "symbolic-ref", "HEAD", "refs/heads/main");
        return new GitRepo(server.url() + "/" + name + ".git", work);
    }

    /// The address to clone from over HTTP.
    public String url() {
        return url;
    }

    /// The working copy; change it freely, then [#commitAll(String)].
    public Path work() {
        return work;
    }

    /// Writes the files, commits and pushes; answers the new commit's id.
    public String commit(String message, Map<String, String> files) {
        files.forEach(this::write);
        return commitAll(message);
    }

    /// Removes the paths, commits and pushes.
    public String remove(String message, String... paths) {
        var command = new ArrayList<>(List.of("rm", "--quiet", "-r", "--"));
        command.addAll(List.of(paths));
        git(work, command.toArray(String[]::new));
        return commitAll(message);
    }

    /// Commits whatever differs in the working copy, or nothing, and pushes the branch.
    public String commitAll(String message) {
        git(work, "add", "--all");
        git(work, "commit", "--quiet", "--allow-empty", "--message", message);
        git(work, "push", "--quiet", "--force", "origin", "HEAD");
        return head();
    }

    /// Switches to the branch, made from the present commit when it is new.
    public void branch(String name) {
        boolean isKnown =
                Commands.run(
                                        work,
                                        IDENTITY,
                                        List.of("git", "rev-parse", "--verify", "--quiet", name))
                                .code()
                        == 0;
        if (isKnown) {
            git(work, "switch", "--quiet", name);
        } else {
            git(work, "switch", "--quiet", "--create", name);
        }
    }

    public void tag(String name) {
        git(work, "tag", "--force", name);
        git(work, "push", "--quiet", "--force", "origin", "refs/tags/" + name);
    }

    /// The id of the present commit.
    public String head() {
        return git(work, "rev-parse", "HEAD").strip();
    }

    private void write(String path, String content) {
        var target = work.resolve(path).normalize();
        if (!target.startsWith(work)) {
            throw new IllegalArgumentException("path outside of the repository: " + path);
        }
        try {
            Folders.create(Folders.parentOf(target));
            Files.writeString(target, content);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target, e);
        }
    }

    private static String git(Path folder, String... arguments) {
        var command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        var result = Commands.run(folder, IDENTITY, command);
        if (result.code() != 0) {
            throw new StackException(
                    "%s failed in %s:%n%s"
                            .formatted(String.join(" ", command), folder, result.output()));
        }
        return result.output();
    }
}
