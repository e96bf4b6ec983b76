package dev.sluice.testkit;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// The certificates of one stack, valid for a month; its private key never touches the disk.
final class CertificateAuthority {
    private static final Duration LIFE = Duration.ofDays(30);
    private static final X500Name NAME = new X500Name("CN=sluice-local-ca");

    private final KeyPair keys = newKeys();
    private final String certificate;

    /// A certificate and its private key, both as PEM.
    record Issued(String certificate, String key) {
        @Override
        public String toString() {
            return "Issued[private]";
        }
    }

    CertificateAuthority(Instant now) {
        certificate =
                sign(
                        builder(NAME, keys.getPublic(), now),
                        List.of(
                                new Ext(Extension.basicConstraints, new BasicConstraints(true)),
                                new Ext(
                                        Extension.keyUsage,
                                        new KeyUsage(
                                                KeyUsage.keyCertSign
                                                        | KeyUsage.cRLSign
                                                        | KeyUsage.digitalSignature))));
    }

    private record Ext(
            org.bouncycastle.asn1.ASN1ObjectIdentifier id,
            org.bouncycastle.asn1.ASN1Encodable value) {}

    /// The authority's own certificate as PEM.
    String certificate() {
        return certificate;
    }

    /// For a client: `subject` like `O=system:masters,CN=admin`.
    Issued client(String subject, Instant now) {
        var pair = newKeys();
        var signed =
                sign(
                        builder(new X500Name(subject), pair.getPublic(), now),
                        List.of(
                                new Ext(
                                        Extension.extendedKeyUsage,
                                        new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth))));
        return new Issued(signed, pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    }

    /// For a server under these names and addresses.
    Issued server(List<String> dnsNames, List<String> addresses, Instant now) {
        var names =
                java.util.stream.Stream.concat(
                                dnsNames.stream()
                                        .map(name -> new GeneralName(GeneralName.dNSName, name)),
                                addresses.stream()
                                        .map(ip -> new GeneralName(GeneralName.iPAddress, ip)))
                        .toArray(GeneralName[]::new);
        var pair = newKeys();
        var signed =
                sign(
                        builder(new X500Name("CN=sluice-local-server"), pair.getPublic(), now),
                        List.of(
                                new Ext(
                                        Extension.extendedKeyUsage,
                                        new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth)),
                                new Ext(
                                        Extension.subjectAlternativeName,
                                        new GeneralNames(names))));
        return new Issued(signed, pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    }

    /// A private key alone, as PEM.
    static String newKey() {
        return pem("PRIVATE KEY", newKeys().getPrivate().getEncoded());
    }

    private static KeyPair newKeys() {
        try {
            // RSA, as fabric8 takes any unnamed kind of client key in a kubeconfig for RSA.
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new StackException("this JDK cannot make RSA keys", e);
        }
    }

    private static X509v3CertificateBuilder builder(X500Name subject, PublicKey key, Instant now) {
        return new JcaX509v3CertificateBuilder(
                NAME,
                new BigInteger(120, new SecureRandom()),
                Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(LIFE)),
                subject,
                key);
    }

    private String sign(X509v3CertificateBuilder builder, List<Ext> extensions) {
        try {
            for (var extension : extensions) {
                builder.addExtension(extension.id(), true, extension.value());
            }
            var signer = new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate());
            return pem("CERTIFICATE", builder.build(signer).getEncoded());
        } catch (OperatorCreationException | CertIOException e) {
            throw new StackException("cannot sign a certificate", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode a certificate", e);
        }
    }

    private static String pem(String type, byte[] der) {
        var text = new StringWriter();
        text.write("-----BEGIN " + type + "-----\n");
        text.write(
                Base64.getMimeEncoder(64, "\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        .encodeToString(der));
        text.write("\n-----END " + type + "-----\n");
        return text.toString();
    }
}
