package dev.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CertificateAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-11-02T10:00:00Z");

    @Test
    void signsServersAndClientsThatItCanVerify() throws Exception {
        // Given
        var authority = new CertificateAuthority(NOW);
        var root = parse(authority.certificate());

        // When
        var server =
                parse(
                        authority
                                .server(List.of("localhost"), List.of("127.0.0.1"), NOW)
                                .certificate());
        var client = parse(authority.client("O=system:masters,CN=admin", NOW).certificate());

        // Then
        server.verify(root.getPublicKey());
        client.verify(root.getPublicKey());
        assertThat(server.getSubjectAlternativeNames())
                .extracting(name -> name.get(1).toString())
                .containsExactly("localhost", "127.0.0.1");
        assertThat(client.getSubjectX500Principal().getName()).contains("O=system:masters");
        assertThat(root.getBasicConstraints()).isNotNegative();
    }

    private static X509Certificate parse(String pem) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }
}
