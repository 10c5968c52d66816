# SPDX-License-Identifier: Apache-2.0
"""A throwaway certificate authority for a server that authenticates its clients."""

import dataclasses
import datetime
import ipaddress
import pathlib
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integration.grpcurl import Endpoint

HOUR = datetime.timedelta(hours=1)


@dataclasses.dataclass(frozen=True)
class Certificate:
    """The files of a certificate and its private key, in PEM."""

    file: pathlib.Path
    key: pathlib.Path


def dns(*names) -> list:
    return [x509.DNSName(name) for name in names]


def uris(*names) -> list:
    return [x509.UniformResourceIdentifier(name) for name in names]


class ClientAuthority:
    """Signs the certificates of a server and its clients, and keeps them in a folder."""

    def __init__(self, folder: pathlib.Path):
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Throwaway authority")
        self._issued = 0
        ca = self._builder(self._name, self._key, HOUR).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.file = folder / "ca.pem"
        self.file.write_bytes(_pem(ca.sign(self._key, hashes.SHA256())))
        self.server = self.issue(
            [*dns("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        # For a server's configuration. callers follow it.
        self.settings = (f'tls {{\n  certificate_file: "{self.server.file}"\n'
                         f'  private_key_file: "{self.server.key}"\n'
                         f'  client_ca_file: "{self.file}"\n}}\n'
                         f'runtime_dir: "{folder}/runtime"\n')

    def issue(self, names: list, common_name: str = "Throwaway",
              lifetime: datetime.timedelta = HOUR) -> Certificate:
        """names: the subject alternative names; none if empty. lifetime: from now."""
        self._issued += 1
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_name(common_name), key, lifetime)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = Certificate(self._folder / f"{self._issued}.pem",
                                  self._folder / f"{self._issued}.key")
        certificate.file.write_bytes(_pem(builder.sign(self._key, hashes.SHA256())))
        certificate.key.touch(0o600)
        certificate.key.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        return certificate

    def client(self, server, *names, **how) -> Endpoint:
        """The server, called with a new certificate for these names."""
        own = self.issue(list(names), **how)
        return Endpoint(server.address, "-cacert", str(self.file), "-cert", str(own.file), "-key",
                        str(own.key))

    def context(self, own: Certificate = None) -> ssl.SSLContext:
        """For a client of Python's own, with the certificate, if there is one."""
        context = ssl.create_default_context(cafile=self.file)
        context.set_alpn_protocols(["h2"])
        if own:
            context.load_cert_chain(own.file, own.key)
        return context

    def _builder(self, name, key, lifetime):
        now = datetime.datetime.utcnow()
        return (x509.CertificateBuilder().subject_name(name).issuer_name(self._name)
                .public_key(key.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(now - HOUR).not_valid_after(now + lifetime))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
