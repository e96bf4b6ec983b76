package dev.sluice.analysis.adapter.provider;

import dev.sluice.analysis.config.AnalysisConfig;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Where a metric may be fetched from (G11). Checked before every request, redirects and token
/// requests included.
///
/// The name is resolved here and once more by the HTTP client; the JVM's address cache makes both
/// see the same answer in all but a contrived case. Network policy is the second fence.
record EgressPolicy(
        boolean allowLinkLocal,
        boolean allowLoopback,
        List<String> allowedHosts,
        List<String> deniedHosts) {

    /// Metadata services outside 169.254.0.0/16 and fe80::/10.
    private static final Set<String> METADATA =
            Set.of(
                    "fd00:ec2:0:0:0:0:0:254",
                    "100.100.100.200",
                    "168.63.129.16",
                    "192.0.0.192",
                    "fd20:ce:0:0:0:0:0:254");

    static EgressPolicy of(AnalysisConfig.Egress config) {
        return new EgressPolicy(
                config.allowLinkLocal(),
                config.allowLoopback(),
                config.allowedHosts().orElse(List.of()),
                config.deniedHosts().orElse(List.of()));
    }

    /// Why the target is refused; empty if it is not.
    Optional<String> refusal(URI target) {
        String scheme = Optional.ofNullable(target.getScheme()).orElse("").toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            return Optional.of("only http and https addresses can be measured");
        }
        String host = Optional.ofNullable(target.getHost()).orElse("").toLowerCase(Locale.ROOT);
        if (host.isEmpty()) {
            return Optional.of("the address has no host");
        }
        if (target.getUserInfo() != null) {
            return Optional.of("the address must not contain credentials");
        }
        if (deniedHosts.stream().anyMatch(pattern -> matches(pattern, host))
                || (!allowedHosts.isEmpty()
                        && allowedHosts.stream().noneMatch(pattern -> matches(pattern, host)))) {
            return Optional.of("host " + host + " is not allowed by sluice.analysis.egress");
        }
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                Optional<String> refusal = refusal(host, address);
                if (refusal.isPresent()) {
                    return refusal;
                }
            }
            return Optional.empty();
        } catch (UnknownHostException _) {
            return Optional.of("no such host: " + host);
        }
    }

    private Optional<String> refusal(String host, InetAddress address) {
        boolean metadata =
                address.isLinkLocalAddress() || METADATA.contains(address.getHostAddress());
        if (metadata && !allowLinkLocal) {
            return Optional.of(
                    "host "
                            + host
                            + " is a link-local or metadata address; grant it with sluice.analysis.egress.allow-link-local");
        }
        if ((address.isLoopbackAddress() || address.isAnyLocalAddress()) && !allowLoopback) {
            return Optional.of(
                    "host "
                            + host
                            + " is this machine; grant it with sluice.analysis.egress.allow-loopback");
        }
        return address.isMulticastAddress()
                ? Optional.of("host " + host + " is a multicast address")
                : Optional.empty();
    }

    private static boolean matches(String pattern, String host) {
        String lower = pattern.strip().toLowerCase(Locale.ROOT);
        return lower.startsWith("*.") ? host.endsWith(lower.substring(1)) : host.equals(lower);
    }
}
