# SPDX-License-Identifier: Apache-2.0
"""Builds an SPDX 2.3 document (a dictionary, to be written as JSON) from a Linkage."""

import datetime
import hashlib
import os
import re
import uuid

import package_facts

PROJECT = "uid2-identity-service"
_LICENSE = "Apache-2.0"
_NONE = "NOASSERTION"


def created():
    """The time to state: SOURCE_DATE_EPOCH if it is set, otherwise now."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.datetime.now(datetime.timezone.utc)
    time = now if seconds is None else datetime.datetime.fromtimestamp(int(seconds),
                                                                       datetime.timezone.utc)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _id(kind, name):
    # SPDX allows letters, digits, "." and "-" only.
    return f"SPDXRef-{kind}-" + re.sub(r"[^A-Za-z0-9.-]", lambda match: f"-{ord(match[0]):x}-", name)


def _program_id(path):
    return _id("Program", os.path.basename(path))


def _package_id(name):
    return _id("Package", name)


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _program(path, version, shipped):
    counts = os.path.join(shipped, os.path.basename(path)) if shipped else path
    return {
        "SPDXID": _program_id(path),
        "name": os.path.basename(path),
        "versionInfo": version,
        "primaryPackagePurpose": "APPLICATION",
        "downloadLocation": _NONE,
        "filesAnalyzed": False,
        "checksums": [{"algorithm": "SHA256", "checksumValue": _sha256(counts)}],
        "licenseConcluded": _LICENSE,
        "licenseDeclared": _LICENSE,
        "copyrightText": _NONE,
        "supplier": f"Organization: {PROJECT}",
    }


def _purl(package, distribution):
    quoted = re.sub(r"[^A-Za-z0-9._~-]", lambda match: f"%{ord(match[0]):02X}", package.version)
    name = package.name.replace("+", "%2B")
    return f"pkg:deb/debian/{name}@{quoted}?arch={package.architecture}&distro={distribution}"


def _library(package, distribution):
    license_ = package_facts.license_of(package)
    references = [{"referenceCategory": "SECURITY", "referenceType": "cpe23Type",
                   "referenceLocator": cpe} for cpe in package_facts.cpes_of(package)]
    references.append({"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                       "referenceLocator": _purl(package, distribution)})
    described = {
        "SPDXID": _package_id(package.name),
        "name": package.name,
        "versionInfo": package.version,
        "primaryPackagePurpose": "LIBRARY",
        "downloadLocation": _NONE,
        "filesAnalyzed": False,
        "sourceInfo": f"built by Debian from the source package {package.source}",
        "licenseConcluded": license_,
        "licenseDeclared": license_,
        "copyrightText": _NONE,
        "supplier": "Organization: Debian",
        "externalRefs": references,
    }
    if package.homepage:
        described["homepage"] = package.homepage
    return described


def _relationship(source, kind, target, comment=None):
    related = {"spdxElementId": source, "relationshipType": kind, "relatedSpdxElement": target}
    if comment:
        related["comment"] = comment
    return related


def _relationships(linkage, programs, needed):
    for program in programs:
        yield _relationship("SPDXRef-DOCUMENT", "DESCRIBES", _program_id(program))
    for program in programs:
        for name in sorted(linkage.loads[program]):
            yield _relationship(_program_id(program), "DYNAMIC_LINK", _package_id(name))
        for name in sorted(linkage.archives[program]):
            yield _relationship(_program_id(program), "STATIC_LINK", _package_id(name),
                                "archive: linked into the program in this version")
        for name in sorted(linkage.contains[program]):
            yield _relationship(_program_id(program), "STATIC_LINK", _package_id(name),
                                "header-only: compiled into the program")
        for name in sorted(needed):
            yield _relationship(_package_id(name), "RUNTIME_DEPENDENCY_OF", _program_id(program))
    for user in linkage.packages:
        for name in sorted(linkage.loads.get(user, ())):
            yield _relationship(_package_id(user), "DYNAMIC_LINK", _package_id(name))


def build(linkage, programs, version, distribution, shipped=None, needed=()):
    """Returns the document. It depends on nothing but the arguments, the programs and created().

    Args:
      linkage: what linked_packages.inspect(programs) returned.
      programs: paths.
      version: the programs' version.
      distribution: as in "debian-12".
      shipped: a folder with the programs as they are shipped, whose checksums to state; or None.
      needed: names of packages in `linkage` that the programs need without linking them.
    """
    programs = sorted(programs, key=os.path.basename)
    packages = [_program(path, version, shipped) for path in programs]
    packages += [_library(package, distribution) for package in linkage.packages.values()]
    # Two documents must not share a namespace unless they say the same.
    said = hashlib.sha256(repr(packages).encode()).hexdigest()
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{PROJECT}-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/{PROJECT}-{version}-"
                             f"{uuid.uuid5(uuid.NAMESPACE_OID, said)}",
        "creationInfo": {"created": created(), "creators": ["Tool: tools/sbom"]},
        "packages": packages,
        "relationships": list(_relationships(linkage, programs, needed)),
    }
