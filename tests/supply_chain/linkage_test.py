# SPDX-License-Identifier: Apache-2.0
"""Which libraries the programs contain, and which they load."""

import os
import re
import subprocess

import pytest
from tests.load.binaries import binary
from tests.tools import script

linked_packages = script.load("linked_packages.py")

PROGRAMS = [binary("server/identity_server"), binary("client/identityctl")]
# One symbol of each package.
SYMBOLS = {
    "libabsl-dev": "absl::debian3::Mutex::Lock()",
    "libgrpc++-dev": "grpc::CompletionQueue::",
    "libgrpc-dev": "grpc_completion_queue_next",
    "libprotobuf-dev": "google::protobuf::DescriptorPool::generated_pool()",
    "libre2-dev": "re2::RE2::",
}
is_static = pytest.mark.skipif(os.environ.get("LINK") == "shared",
                               reason="this configuration links shared libraries")


def initialized(program):
    """The names of the shared libraries that a run of the program has loaded."""
    traced = subprocess.run([program, "--version"], capture_output=True, text=True, check=True,
                            env={"LD_DEBUG": "files"})
    names = re.findall(r"calling init: /\S+/(\S+)", traced.stderr)
    assert names
    return names


def defined(program):
    """The functions and data that a program itself defines, a line each."""
    return subprocess.run(["nm", "--defined-only", "--demangle", program], capture_output=True,
                          text=True, check=True).stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_process_has_one_openssl_which_is_shared(program):
    for library in ["libssl.so", "libcrypto.so"]:
        assert len([name for name in initialized(program) if name.startswith(library)]) == 1
    assert not re.search(r" [TDBRV] (SSL_new|EVP_EncryptInit_ex|CRYPTO_malloc|X509_verify_cert)$",
                         defined(program), re.MULTILINE)


@is_static
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_library_that_is_in_the_program_is_not_loaded_a_second_time(program):
    twice = [name for name in initialized(program)
             if re.match(r"lib(absl|grpc|gpr|protobuf|re2|upb|address_sorting)", name)]
    assert twice == []


@is_static
@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_can_look_up_what_the_archives_contain(program):
    """The linker would export 15,000 symbols: 1.6 MiB that are read at each start."""
    exported = subprocess.run(["nm", "--dynamic", "--defined-only", program], capture_output=True,
                              text=True, check=True).stdout.splitlines()
    assert len(exported) < 1000


@is_static
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_program_records_the_packages_of_the_code_that_it_contains(program):
    shown = subprocess.run(["dpkg-query", "--show", "--showformat=${Package} ${Version}\n", *SYMBOLS],
                           capture_output=True, text=True, check=True).stdout
    assert linked_packages.archive_packages(program) == dict(
        line.split(" ") for line in shown.splitlines())
    symbols = defined(program)
    assert [name for name, symbol in SYMBOLS.items() if symbol not in symbols] == []


@is_static
@pytest.mark.parametrize("program", PROGRAMS)
def test_version_shows_what_the_program_contains(program):
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    listed = shown[shown.index("\ncontains ") + len("\ncontains "):]
    assert dict(line.split() for line in listed.splitlines()) == (
        linked_packages.archive_packages(program))
