# SPDX-License-Identifier: Apache-2.0
"""Certificates in a folder that is changed as kubelet changes a mounted secret, and what clients
see of them."""

import contextlib
import dataclasses
import datetime
import ipaddress
import pathlib
import shutil
import socket
import ssl
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOUR = datetime.timedelta(hours=1)
# A changed set is in use within ten seconds. On a busy machine, more may pass.
SECONDS = 30


class Authority:
    """Signs certificates, which are in PEM."""

    def __init__(self, name: str):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        ca = self._builder(self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.pem = self._sign(ca)

    def issue(self, name: str) -> tuple[bytes, bytes]:
        """A certificate for 127.0.0.1 with this common name, and its private key."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("web.test")]
        builder = self._builder(_name(name), key).add_extension(
            x509.SubjectAlternativeName(names), critical=False)
        return self._sign(builder), key.private_bytes(serialization.Encoding.PEM,
                                                      serialization.PrivateFormat.PKCS8,
                                                      serialization.NoEncryption())

    def _builder(self, name, key):
        now = datetime.datetime.utcnow()
        return (x509.CertificateBuilder().subject_name(name).issuer_name(self._name)
                .public_key(key.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(now - HOUR).not_valid_after(now + HOUR))

    def _sign(self, builder) -> bytes:
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class MountedCertificates:
    """tls.crt, tls.key and ca.crt are links into ..data, which is a link to a folder with one
    version of them and is replaced by a rename."""

    def __init__(self, folder: pathlib.Path):
        self._folder = folder
        self._versions = 0
        self.files = {}
        folder.mkdir()
        for name in ("tls.crt", "tls.key", "ca.crt"):
            (folder / name).symlink_to(pathlib.Path("..data") / name)

    def mount(self, pair: tuple, ca: bytes):
        """Replaces all files. Without content, a file is missing."""
        self._versions += 1
        version = self._folder / f"..version_{self._versions}"
        version.mkdir()
        self.files = {"tls.crt": pair[0], "tls.key": pair[1], "ca.crt": ca}
        for name, content in self.files.items():
            if content:
                (version / name).write_bytes(content)
        new = self._folder / "..data_tmp"
        new.symlink_to(version.name)
        new.rename(self._folder / "..data")
        shutil.rmtree(self._folder / f"..version_{self._versions - 1}", ignore_errors=True)

    def settings(self, runtime_dir: pathlib.Path, client_ca: bool = True) -> str:
        """For a server's configuration."""
        more = f'  client_ca_file: "{self._folder}/ca.crt"\n' if client_ca else ""
        return (f'tls {{\n  certificate_file: "{self._folder}/tls.crt"\n'
                f'  private_key_file: "{self._folder}/tls.key"\n{more}}}\n'
                f'runtime_dir: "{runtime_dir}"\n' +
                ('callers { san: "*" }\n' if client_ca else ""))


@dataclasses.dataclass(frozen=True)
class Seen:
    """A connection that the server has accepted. `name` is that of the server's certificate."""

    name: str
    version: str
    protocol: str


class Client:
    """Connects with a certificate, if it has one, and trusts one authority."""

    def __init__(self, folder: pathlib.Path, trusted: bytes, pair: tuple = ()):
        self.ca, self.certificate, self.key = (folder / name for name in ("ca", "crt", "key"))
        folder.mkdir()
        self.ca.write_bytes(trusted)
        self._context = ssl.create_default_context(cafile=self.ca)
        self._context.set_alpn_protocols(["h2"])
        if pair:
            self.certificate.write_bytes(pair[0])
            self.key.write_bytes(pair[1])
            self._context.load_cert_chain(self.certificate, self.key)

    def only(self, version: ssl.TLSVersion):
        """Offers this version of TLS alone, with what OpenSSL needs for old ones."""
        self._context.set_ciphers("DEFAULT@SECLEVEL=0")
        self._context.minimum_version = self._context.maximum_version = version

    def connect(self, address: str) -> Seen:
        """Raises OSError if the server refuses. With TLS 1.3, it does so after the handshake."""
        host, port = address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), SECONDS) as plain, \
                self._context.wrap_socket(plain, server_hostname=host) as secure:
            # The server's first HTTP/2 frame.
            if not secure.recv(1):
                raise ConnectionError("closed after the handshake")
            certificate = x509.load_der_x509_certificate(secure.getpeercert(binary_form=True))
            name = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
            return Seen(name, secure.version(), secure.selected_alpn_protocol())

    def is_refused(self, address: str) -> bool:
        with contextlib.suppress(OSError):
            self.connect(address)
            return False
        return True

    def await_name(self, address: str, name: str):
        """Connects again and again until the server presents this certificate."""
        end = time.monotonic() + SECONDS
        while (seen := self.connect(address).name) != name:
            assert time.monotonic() < end, f"{seen} is still in use"
