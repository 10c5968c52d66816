# SPDX-License-Identifier: Apache-2.0
"""What must be true of a checkout before tools/release makes a release of it.

Each check takes a Checkout and yields refusals: what is not true, and how to make it true.
"""

import datetime
import os
import re
import shutil
from typing import NamedTuple

import lint_programs
import release_history
import version_places
from release_history import CHANGELOG, UNRELEASED, git, numbers

MAIN = "main"
# What tools/image can use.
IMAGE_BUILDERS = ("docker", "podman", "buildah")


class Checkout(NamedTuple):
    """The repository at `root`, from which `version` is to be released."""

    root: str
    version: str

    @property
    def tag(self):
        return f"v{self.version}"

    @property
    def branch_of_fixes(self):
        """The branch of fixes to a release that main has left behind."""
        return "release-" + self.version.rpartition(".")[0]

    def commit(self, name="HEAD"):
        """The full name of a commit, or "" if there is none."""
        try:
            return git(self.root, "rev-parse", "--verify", "--quiet", name + "^{commit}")
        except release_history.GitError:
            return ""

    def branch(self):
        """The branch that is checked out, or "" if none is."""
        return git(self.root, "branch", "--show-current")


def committed(checkout):
    changes = git(checkout.root, "status", "--porcelain").splitlines()
    if changes:
        yield (f"{len(changes)} file(s) are not as committed ({changes[0][3:]}, ...): commit them, "
               "remove them, or put them into .gitignore")


def complete_clone(checkout):
    if git(checkout.root, "rev-parse", "--is-shallow-repository") == "true":
        yield "this clone is shallow, so tags may be missing: run git fetch --unshallow --tags"


def place(checkout):
    """On main, on the branch of fixes, or on the tag of this version."""
    tagged = checkout.commit(f"refs/tags/{checkout.tag}")
    if tagged and tagged != checkout.commit():
        yield (f"the tag {checkout.tag} is on the commit {tagged[:12]}, and this is "
               f"{checkout.commit()[:12]}: check out {checkout.tag} to make that release again, or "
               "raise the version with tools/version")
    elif not tagged and checkout.branch() not in (MAIN, checkout.branch_of_fixes):
        where = f"the branch {checkout.branch()}" if checkout.branch() else "no branch"
        yield (f"this is {where}: releases come from {MAIN}, from {checkout.branch_of_fixes}, or "
               f"from the tag {checkout.tag} if there is one")


def newest(checkout):
    """No release is older than one before it, but fixes of an earlier one may follow a later."""
    tagged = [version for version in release_history.tagged_versions(checkout.root)
              if version != checkout.version]
    if checkout.branch() == checkout.branch_of_fixes:
        series = checkout.version.rpartition(".")[0] + "."
        tagged = [version for version in tagged if version.startswith(series)]
    elif checkout.commit(f"refs/tags/{checkout.tag}"):
        return  # It has been released already, in its time.
    if tagged and numbers(tagged[-1]) > numbers(checkout.version):
        yield (f"{version_places.SOURCE} says {checkout.version}, and v{tagged[-1]} has been "
               "released: raise it with tools/version")


def changelog(checkout):
    sections = release_history.sections(checkout.root)
    heading = f"## {checkout.version} - YYYY-MM-DD"
    waiting = [section for section in sections if section.name == UNRELEASED]
    released = [section for section in sections if section.name != UNRELEASED]
    for section in waiting:
        if not section.is_empty():
            yield (f"{CHANGELOG}:{section.line}: {UNRELEASED} is not empty: move its entries under "
                   f"the heading {heading}")
    if not released or released[0].name != checkout.version:
        yield (f"{CHANGELOG}: the newest section is not that of {checkout.version}: it needs the "
               f"heading {heading}")
        return
    section = released[0]
    if section.day() is None:
        yield f"{CHANGELOG}:{section.line}: {checkout.version} has no date: write {heading}"
    elif section.day() > datetime.datetime.now(datetime.timezone.utc).date():
        yield f"{CHANGELOG}:{section.line}: the date {section.date} is in the future"
    if section.is_empty():
        yield f"{CHANGELOG}:{section.line}: {checkout.version} has no entries"


def stated_versions(checkout):
    paths = git(checkout.root, "ls-files").splitlines()
    for finding in version_places.check(checkout.root, paths):
        yield re.sub(r" \[\w+\]", "", finding)


def protos(checkout):
    """Callers and configurations of the release before must go on working."""
    paths = git(checkout.root, "ls-files").splitlines()
    try:
        for finding in lint_programs.buf_breaking(checkout.root, paths):
            yield (f"{finding}: callers or configurations of the release before would break; keep "
                   "it, and add the new beside it")
    except lint_programs.NotChecked as missing:
        yield f"the protos were not compared with the release before: {missing}"


def image_builder(_):
    if not any(map(shutil.which, IMAGE_BUILDERS)):
        yield (f"{', '.join(IMAGE_BUILDERS)}: none is installed to make the images: run tools/setup "
               "--image, or leave the images out with --without_images")


def output_folder(folder):
    """A refusal if there is something in it already, which would be mixed with this release."""
    if os.path.isdir(folder) and os.listdir(folder):
        yield f"{folder} is not empty: remove it, or name another with --output"


CHECKS = (committed, complete_clone, place, newest, changelog, stated_versions, protos)


def refusals(root, with_images, folder):
    """Everything that is not true, as a list."""
    try:
        checkout = Checkout(root, version_places.read(root))
    except version_places.VersionError as error:
        return [str(error)]
    checks = [*CHECKS, image_builder] if with_images else CHECKS
    return [refusal for check in checks for refusal in check(checkout)] + [*output_folder(folder)]
