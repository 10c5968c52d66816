# SPDX-License-Identifier: Apache-2.0
"""Finds the Debian packages that a program contains or loads.

Shared libraries are those that the loader would load, and those that each of them asks for.
Archives are those that bazel/archive_packages has recorded in the program, with the version that
was linked, which may be older than the installed one. Headers are those whose code the compiler put
into the program, which its line table names. A package whose headers are used only together with
its own library is not listed twice.
"""

import collections
import dataclasses
import os
import re
import subprocess

_NEEDED = re.compile(r"\(NEEDED\)\s+Shared library: \[(.*)\]")
_LOADED = re.compile(r"^\s*(\S+) (?:=> )?(?:(/\S+) )?\(0x")
_NOT_FOUND = re.compile(r"^\s*(\S+) => not found", re.MULTILINE)
_ARCHIVE_PACKAGE = re.compile(r"^(?:  \[ *[0-9a-f]+\])? +(\S+) (\S+)\\n$", re.MULTILINE)
_LINE_ENTRY = re.compile(r"^  \d+\t(?:(\d+)\t)?\(.*\): (.*)$")

_FIELDS = "${Package}\t${source:Package}\t${Version}\t${Architecture}\t${Homepage}\n"


class LinkError(Exception):
    """The packages cannot be determined; the message says why and what to do."""


@dataclasses.dataclass(frozen=True, order=True)
class Package:
    """An installed Debian package, with the name of the source package it was built from."""

    name: str
    source: str
    version: str
    architecture: str
    homepage: str

    @property
    def upstream_version(self):
        """The version without what Debian adds to it: epoch, revision, and notes on repacking."""
        version = re.sub(r"-[^-]*$", "", self.version.partition(":")[2] or self.version)
        return re.sub(r"[.+~](?:dfsg|ds|git|\d{8}\b).*$", "", version)


@dataclasses.dataclass(frozen=True)
class Linkage:
    """What programs link: which package loads, or is compiled into, which."""

    packages: dict  # name -> Package; the version of one in `archives` is the one that was linked
    loads: dict  # path of a program, or name of a package -> names of the packages it loads
    contains: dict  # path of a program -> names of the packages whose headers it contains
    archives: dict  # path of a program -> names of the packages whose archives it contains


def _run(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False,
                              env={**os.environ, "LC_ALL": "C"})
    except FileNotFoundError as error:
        raise LinkError(f"{command[0]} is not installed: run tools/setup") from error


def _output(*command):
    ended = _run(*command)
    if ended.returncode != 0:
        raise LinkError(f"{' '.join(command[:3])} failed: {ended.stderr.strip()}")
    return ended.stdout


def needed(path):
    """The names of the shared libraries that a program or library asks for itself."""
    return _NEEDED.findall(_output("readelf", "--dynamic", path))


def loaded(path):
    """The path of each shared library that the loader would load for a program, by its name."""
    shown = _output("ldd", path)
    if missing := _NOT_FOUND.findall(shown):
        raise LinkError(f"{path} needs {', '.join(missing)}, which is not installed")
    found = {}
    for line in shown.splitlines():
        if match := _LOADED.match(line):
            name, library = os.path.basename(match[1]), match[2] or match[1]
            # The kernel provides linux-vdso, which has no path.
            if library.startswith("/"):
                found[name] = library
    return found


def headers(path):
    """The system headers with code in a program, by their paths."""
    found, folders, in_folders = set(), [], False
    for line in _output("readelf", "--debug-dump=line", path).splitlines():
        if line.startswith(" The Directory Table"):
            folders, in_folders = [], True
        elif line.startswith(" The File Name Table"):
            in_folders = False
        elif match := _LINE_ENTRY.match(line):
            if in_folders:
                folders.append(match[2])
            elif folders[int(match[1])].startswith("/usr/"):
                found.add(os.path.normpath(os.path.join(folders[int(match[1])], match[2])))
    if not found:
        raise LinkError(f"{path} has no line table, which names the headers: use a program that is "
                        "not stripped")
    return found


def archive_packages(path):
    """The version of each package whose archives a program contains, by the package's name."""
    shown = _output("readelf", "--wide", "--string-dump=.archive_packages", path)
    return dict(_ARCHIVE_PACKAGE.findall(shown))


def _linked_versions(programs):
    """archive_packages() of all programs together."""
    versions = {}
    for program in programs:
        for name, version in archive_packages(program).items():
            if versions.setdefault(name, version) != version:
                raise LinkError(f"the programs contain {name} in versions {versions[name]} and "
                                f"{version}: build them all again")
    return versions


def _spellings(path):
    """The paths under which dpkg may know a file, since /lib is a link to /usr/lib."""
    real = os.path.realpath(path)
    for known in dict.fromkeys([path, real]):
        yield known
        yield known.removeprefix("/usr") if known.startswith("/usr/lib") else "/usr" + known


def owners(paths):
    """The name of the package that each path belongs to."""
    candidates = {spelling: path for path in paths for spelling in _spellings(path)}
    # The exit status is 1 as soon as dpkg does not know one of the spellings.
    shown = _run("dpkg", "--search", *sorted(candidates)).stdout
    found = {}
    for line in shown.splitlines():
        names, _, path = line.rpartition(": ")
        if path in candidates and not names.startswith("diversion "):
            found[candidates[path]] = names.split(",")[0].partition(":")[0]
    if unknown := sorted(set(paths) - found.keys()):
        raise LinkError(f"no Debian package contains {', '.join(unknown)}")
    return found


def describe(names):
    """The Package of each name."""
    shown = _output("dpkg-query", "--show", f"--showformat={_FIELDS}", *sorted(names))
    return {package.name: package
            for package in (Package(*line.split("\t")) for line in shown.splitlines())}


def inspect(programs):
    """Returns the Linkage of programs, which are paths of ELF files."""
    for program in programs:
        if not os.path.isfile(program):
            raise LinkError(f"{program} does not exist: build it first")
    loadable = {program: loaded(program) for program in programs}
    included = {program: headers(program) for program in programs}
    owner = owners({path for found in loadable.values() for path in found.values()} |
                   set().union(*included.values()))
    linked = _linked_versions(programs)
    packages = describe({*owner.values(), *linked})
    for name, version in linked.items():
        packages[name] = dataclasses.replace(packages[name], version=version)

    loads, contains = collections.defaultdict(set), {}
    archives = {program: set(archive_packages(program)) for program in programs}
    for program, found in loadable.items():
        loads[program] = {owner[found[name]] for name in needed(program)}
        for path in found.values():
            loads[owner[path]].update(owner[found[name]] for name in needed(path) if name in found)
    libraries = set().union(*loads.values(), linked)
    sources_of_libraries = {packages[name].source for name in libraries}
    for program, paths in included.items():
        contains[program] = {name for name in {owner[path] for path in paths}
                             if packages[name].source not in sources_of_libraries}
    listed = libraries.union(*contains.values())
    return Linkage(packages={name: packages[name] for name in sorted(listed)},
                   loads={user: used - {user} for user, used in loads.items()},
                   contains=contains, archives=archives)
