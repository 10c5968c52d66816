# SPDX-License-Identifier: Apache-2.0
"""What dpkg does not know about the packages we link: license and CPE, by source package."""

import dataclasses

NO_LICENSE = "NOASSERTION"


@dataclasses.dataclass(frozen=True)
class Facts:
    """The license of the libraries, which may differ from that of the whole source package.

    license: SPDX expression.
    cpes: VENDOR:PRODUCT, as advisories name it. Empty if no advisory has ever named it.
    """

    license: str
    cpes: tuple = ()


_GNU_DUAL = "LGPL-3.0-or-later OR GPL-2.0-or-later"

FACTS = {
    "abseil": Facts("Apache-2.0", ("abseil:common_libraries",)),
    "brotli": Facts("MIT", ("google:brotli",)),
    # Data. The scripts of the package are under GPL-2.0-or-later.
    "ca-certificates": Facts("MPL-2.0"),
    "c-ares": Facts("MIT", ("c-ares:c-ares", "c-ares_project:c-ares")),
    "curl": Facts("curl", ("haxx:libcurl", "haxx:curl")),
    "cyrus-sasl2": Facts("BSD-Attribution-HPND-disclaimer", ("cyrusimap:cyrus-sasl",)),
    # Only libcom-err; the file system's own libraries are under GPL-2.0.
    "e2fsprogs": Facts("MIT", ("e2fsprogs_project:e2fsprogs",)),
    "gcc-12": Facts("GPL-3.0-or-later WITH GCC-exception-3.1", ("gnu:gcc",)),
    "glibc": Facts("LGPL-2.1-or-later", ("gnu:glibc",)),
    "gmp": Facts(_GNU_DUAL, ("gmplib:gmp",)),
    "gnutls28": Facts("LGPL-2.1-or-later", ("gnu:gnutls",)),
    "grpc": Facts("Apache-2.0", ("grpc:grpc",)),
    "http-parser": Facts("MIT", ("nodejs:http-parser",)),
    "keyutils": Facts("LGPL-2.0-or-later"),
    "krb5": Facts("MIT", ("mit:kerberos_5",)),
    "libffi": Facts("MIT", ("libffi_project:libffi",)),
    "libidn2": Facts(_GNU_DUAL, ("gnu:libidn2",)),
    "libmicrohttpd": Facts("LGPL-2.1-or-later", ("gnu:libmicrohttpd",)),
    "libpsl": Facts("MIT"),
    "libssh2": Facts("BSD-3-Clause", ("libssh2:libssh2",)),
    "libtasn1-6": Facts("LGPL-2.1-or-later", ("gnu:libtasn1",)),
    "libunistring": Facts(_GNU_DUAL),
    "libzstd": Facts("BSD-3-Clause OR GPL-2.0-only", ("facebook:zstandard",)),
    "nettle": Facts(_GNU_DUAL, ("nettle_project:nettle",)),
    "nghttp2": Facts("MIT", ("nghttp2:nghttp2",)),
    "openldap": Facts("OLDAP-2.8", ("openldap:openldap",)),
    "openssl": Facts("Apache-2.0", ("openssl:openssl",)),
    "p11-kit": Facts("BSD-3-Clause", ("p11-kit_project:p11-kit",)),
    "prometheus-cpp": Facts("MIT"),
    "protobuf": Facts("BSD-3-Clause", ("google:protobuf", "google:protobuf-cpp")),
    "rapidjson": Facts("MIT", ("tencent:rapidjson",)),
    "re2": Facts("BSD-3-Clause"),
    "rtmpdump": Facts("LGPL-2.1-or-later", ("rtmpdump_project:rtmpdump",)),
    "zlib": Facts("Zlib", ("zlib:zlib",)),
}


def license_of(package):
    """The SPDX expression of a linked_packages.Package, or NOASSERTION."""
    facts = FACTS.get(package.source)
    return facts.license if facts else NO_LICENSE


def cpes_of(package):
    """The CPE 2.3 names of a linked_packages.Package, with its upstream version."""
    facts = FACTS.get(package.source)
    version = "".join(letter if letter.isalnum() or letter in "._-" else "\\" + letter
                      for letter in package.upstream_version)
    return [f"cpe:2.3:a:{name}:{version}:*:*:*:*:*:*:*" for name in (facts.cpes if facts else ())]
