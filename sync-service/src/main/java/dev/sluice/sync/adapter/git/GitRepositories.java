package dev.sluice.sync.adapter.git;

import dev.sluice.sync.app.GitCredentials;
import dev.sluice.sync.app.Repositories;
import dev.sluice.sync.config.SyncConfig;
import dev.sluice.sync.core.AppSpec.Source;
import dev.sluice.sync.core.GitRef;
import dev.sluice.sync.core.KubeObject;
import dev.sluice.sync.core.PathRules;
import dev.sluice.sync.core.RepoUrl;
import dev.sluice.sync.core.RevisionResolver;
import dev.sluice.sync.core.RevisionResolver.Resolution;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.UsernamePasswordCredentialsProvider;

/// Git over HTTP(S) with JGit: one bare cache per repository under an unguessable name, trees read
/// straight from the object database.
@ApplicationScoped
public class GitRepositories implements Repositories {
    private static final int RENDERS_KEPT = 128;

    private record Listed(List<GitRef> refs, Instant at) {}

    private record RenderKey(String repository, String tree, String path, String options) {}

    private static final class Cached {
        final ReentrantLock lock = new ReentrantLock();
        Optional<Listed> listed = Optional.empty();
        Optional<Git> git = Optional.empty();
    }

    private final SyncConfig config;
    private final GitCredentials credentials;
    private final InstantSource clock;
    private final DirectoryRenderer directories;
    private final KustomizeRenderer kustomize;
    private final ReentrantLock scratchLock = new ReentrantLock();
    private Optional<ScratchFolder> scratch = Optional.empty();
    private final Map<String, Cached> repositories = new ConcurrentHashMap<>();
    private final Map<RenderKey, Rendered> renders =
            java.util.Collections.synchronizedMap(
                    new LinkedHashMap<>(16, 0.75f, true) {
                        private static final long serialVersionUID = 1;

                        @Override
                        protected boolean removeEldestEntry(Map.Entry<RenderKey, Rendered> eldest) {
                            return size() > RENDERS_KEPT;
                        }
                    });

    @Inject
    public GitRepositories(SyncConfig config, GitCredentials credentials, InstantSource clock) {
        this.config = config;
        this.credentials = credentials;
        this.clock = clock;
        ManifestParser parser = new ManifestParser(config.limits().object());
        this.directories = new DirectoryRenderer(parser, config.limits().manifests());
        this.kustomize = new KustomizeRenderer(config, parser);
    }

    @Override
    public Resolved resolve(String repoUrl, String targetRevision, boolean fresh) {
        if (RevisionResolver.isFixed(targetRevision)) {
            return new Resolved.At(targetRevision.toLowerCase(java.util.Locale.ROOT));
        }
        Cached cached = repositories.computeIfAbsent(repoUrl, _ -> new Cached());
        cached.lock.lock();
        try {
            Instant now = clock.instant();
            if (fresh
                    || cached.listed
                            .filter(l -> now.isBefore(l.at().plus(config.revisionCache())))
                            .isEmpty()) {
                cached.listed = Optional.of(new Listed(list(repoUrl), now));
            }
            return switch (RevisionResolver.resolve(
                    targetRevision, cached.listed.orElseThrow().refs())) {
                case Resolution.Commit commit -> new Resolved.At(commit.sha());
                case Resolution.Abbreviated shortened ->
                        expand(repoUrl, cached, shortened.prefix());
                case Resolution.Unresolved unresolved -> new Resolved.Failed(unresolved.message());
            };
        } catch (GitAPIException | IOException | RuntimeException e) {
            return new Resolved.Failed(problem("failed to list refs", repoUrl, e));
        } finally {
            cached.lock.unlock();
        }
    }

    private List<GitRef> list(String repoUrl) throws GitAPIException {
        List<GitRef> refs = new ArrayList<>();
        var command =
                Git.lsRemoteRepository()
                        .setRemote(repoUrl)
                        .setTimeout((int) config.git().timeout().toSeconds());
        credentials(repoUrl).ifPresent(command::setCredentialsProvider);
        for (Ref ref : command.call()) {
            ObjectId id =
                    ref.getPeeledObjectId() != null ? ref.getPeeledObjectId() : ref.getObjectId();
            if (id != null && !ref.getName().endsWith("^{}")) {
                refs.add(new GitRef(ref.getName(), id.name()));
            }
        }
        return refs;
    }

    private Resolved expand(String repoUrl, Cached cached, String prefix)
            throws GitAPIException, IOException {
        Repository repository = fetched(repoUrl, cached).getRepository();
        ObjectId id = repository.resolve(prefix + "^{commit}");
        return id == null
                ? new Resolved.Failed("unable to resolve '" + prefix + "' to a commit SHA")
                : new Resolved.At(id.name());
    }

    private Git fetched(String repoUrl, Cached cached) throws GitAPIException, IOException {
        if (cached.git.isEmpty()) {
            Path directory = scratch().create("git-");
            cached.git =
                    Optional.of(Git.init().setBare(true).setDirectory(directory.toFile()).call());
        }
        Git git = cached.git.orElseThrow();
        var fetch =
                git.fetch()
                        .setRemote(repoUrl)
                        .setTagOpt(TagOpt.NO_TAGS)
                        .setRefSpecs(
                                new RefSpec("+refs/heads/*:refs/remotes/origin/*"),
                                new RefSpec("+refs/tags/*:refs/tags/*"))
                        .setRemoveDeletedRefs(true)
                        .setTimeout((int) config.git().timeout().toSeconds());
        credentials(repoUrl).ifPresent(fetch::setCredentialsProvider);
        fetch.call();
        return git;
    }

    private ScratchFolder scratch() throws IOException {
        scratchLock.lock();
        try {
            if (scratch.isEmpty()) {
                Path base =
                        config.git()
                                .cache()
                                .orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
                scratch = Optional.of(ScratchFolder.below(base, clock.instant()));
            }
            return scratch.orElseThrow();
        } finally {
            scratchLock.unlock();
        }
    }

    private Optional<CredentialsProvider> credentials(String repoUrl) {
        return credentials
                .of(repoUrl)
                .map(c -> new UsernamePasswordCredentialsProvider(c.username(), c.password()));
    }

    @Override
    public Rendered render(Source source, String commit, boolean fresh) {
        Cached cached = repositories.computeIfAbsent(source.repoUrl(), _ -> new Cached());
        cached.lock.lock();
        try {
            Repository repository = withCommit(source.repoUrl(), cached, commit);
            try (RevWalk walk = new RevWalk(repository)) {
                RevCommit found = walk.parseCommit(ObjectId.fromString(commit));
                String options =
                        source.kustomize().map(Object::toString).orElse("") + source.directory();
                RenderKey key =
                        new RenderKey(
                                source.repoUrl(), found.getTree().name(), source.path(), options);
                Rendered known = fresh ? null : renders.get(key);
                if (known != null) {
                    return copy(known);
                }
                Rendered rendered = renderOnce(source, SourceTree.of(repository, found.getTree()));
                renders.put(key, rendered);
                return copy(rendered);
            }
        } catch (SourceTree.RefusedException e) {
            return new Rendered.Failed(String.valueOf(e.getMessage()));
        } catch (MissingObjectException e) {
            return new Rendered.Failed(
                    "commit "
                            + commit
                            + " is not in repository "
                            + RepoUrl.shown(source.repoUrl()));
        } catch (GitAPIException | IOException | RuntimeException e) {
            return new Rendered.Failed(problem("failed to fetch", source.repoUrl(), e));
        } finally {
            cached.lock.unlock();
        }
    }

    /// Text that does not parse does not parse the next time either: that failure is remembered
    /// like a result.
    private Rendered renderOnce(Source source, SourceTree tree)
            throws IOException, SourceTree.RefusedException {
        try {
            return render(source, tree);
        } catch (ManifestParser.MalformedException e) {
            return new Rendered.Failed(String.valueOf(e.getMessage()));
        }
    }

    private static Rendered copy(Rendered rendered) {
        return switch (rendered) {
            case Rendered.Complete complete ->
                    new Rendered.Complete(
                            complete.manifests().stream().map(KubeObject::copy).toList(),
                            complete.sourceType());
            case Rendered.Failed failed -> failed;
        };
    }

    private Repository withCommit(String repoUrl, Cached cached, String commit)
            throws GitAPIException, IOException {
        if (cached.git.isPresent()
                && cached.git
                        .get()
                        .getRepository()
                        .getObjectDatabase()
                        .has(ObjectId.fromString(commit))) {
            return cached.git.get().getRepository();
        }
        return fetched(repoUrl, cached).getRepository();
    }

    private Rendered render(Source source, SourceTree tree)
            throws IOException, SourceTree.RefusedException, ManifestParser.MalformedException {
        String path =
                switch (PathRules.applicationPath(source.path())) {
                    case PathRules.Cleaned.Inside inside -> inside.path();
                    case PathRules.Cleaned.Refused refused ->
                            throw new SourceTree.RefusedException(refused.message());
                };
        if (!tree.hasDirectory(path)) {
            throw new SourceTree.RefusedException(source.path() + ": app path does not exist");
        }
        if (!source.directory().explicit()
                && tree.hasFile(path.isEmpty() ? "Chart.yaml" : path + "/Chart.yaml")) {
            throw new SourceTree.RefusedException(
                    source.path() + " holds a Helm chart: Helm sources are not supported");
        }
        if (source.kustomize().isPresent()
                || (!source.directory().explicit() && KustomizeRenderer.isIn(tree, path))) {
            return new Rendered.Complete(
                    kustomize.render(
                            scratch(), tree, path, source.kustomize().filter(k -> !k.isEmpty())),
                    "Kustomize");
        }
        return new Rendered.Complete(
                directories.render(tree, path, source.directory()), "Directory");
    }

    /// The caches are this process's own; they are fetched anew by the next one.
    @PreDestroy
    void removeCaches() throws IOException {
        for (Cached cached : repositories.values()) {
            cached.git.ifPresent(Git::close);
        }
        if (scratch.isPresent()) {
            scratch.get().close();
        }
    }

    private static String problem(String what, String repoUrl, Exception e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String reason =
                String.valueOf(
                        cause.getMessage() == null
                                ? cause.getClass().getSimpleName()
                                : cause.getMessage());
        return what
                + " of repository "
                + RepoUrl.shown(repoUrl)
                + ": "
                + RepoUrl.shown(reason.length() > 300 ? reason.substring(0, 300) : reason);
    }
}
