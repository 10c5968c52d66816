# SPDX-License-Identifier: Apache-2.0
"""Which pairs of builds do not work together."""

import pytest
from tests.drill.builds import Build, configurations, crossed_calls

UNKNOWN = 'server.txtpb:9:1: Message type "uid2.A" has no field named "%s".'
# A client that answers as identityctl does, unless one server's identity comes to another server.
CLIENT = """
case "$*" in
  generate*) echo '{"outcome":"ISSUED","identity":"'"$2"'"}' ;;
  refresh*) if grep -q "${3#--address=}"; then echo '{"outcome":"REFRESHED"}'
            else echo '{"outcome":"LOGIN_REQUIRED"}'; fi ;;
esac
"""


@pytest.fixture(name="build")
def fixture_build(tmp_path):
    """Makes a build whose programs are this script."""
    def make(name, script):
        program = tmp_path / name
        program.write_text(f"#!/bin/bash\nPATH=/usr/bin:/bin\n{script}")
        program.chmod(0o755)
        return Build(name, program, program, tmp_path)

    return make


def problems(*lines):
    return "".join(f"echo '{line}' >&2\n" for line in lines) + "exit 2\n"


def test_a_server_that_does_not_refresh_what_another_has_issued_is_named(build):
    old, new = build("old", CLIENT), build("new", CLIENT)
    verdict = crossed_calls({old: "one", new: "two"})
    assert not verdict.kept
    assert "12 calls" in verdict.seen
    for wrong in ("old -> new, issued by old: LOGIN_REQUIRED", "old -> old, issued by new: ",
                  "new -> old, issued by new: ", "new -> new, issued by old: "):
        assert wrong in verdict.seen


def test_a_client_that_cannot_call_is_named_with_its_error(build):
    works = build("works", "read line; echo '{\"outcome\":\"'$([[ $1 == refresh ]] && "
                           "echo REFRESHED || echo ISSUED)'\"}'")
    verdict = crossed_calls({works: "one", build("fails", "echo UNAVAILABLE >&2; exit 69"): "two"})
    assert not verdict.kept
    assert verdict.seen.startswith("8 calls, wrong: fails -> works: UNAVAILABLE; fails -> fails: ")


@pytest.mark.parametrize("older, newer, kept", [
    ("exit 0", "exit 0", [True, True]),
    (problems(UNKNOWN % "one", UNKNOWN % "two", "2 problems"), "exit 0", [True, True]),
    (problems(UNKNOWN % "one", "something else", "2 problems"), "exit 0", [True, False]),
    ("exit 0", problems(UNKNOWN % "gone", "1 problem"), [False, True]),
])
def test_a_newer_build_must_read_what_the_older_reads_and_the_older_may_lack_fields(
        build, older, newer, kept):
    verdicts = configurations(build("older", older), build("newer", newer))
    assert [verdict.kept for verdict in verdicts] == kept


def test_the_fields_to_remove_before_going_back_are_named(build):
    older = build("older", problems(UNKNOWN % "one", UNKNOWN % "two", "2 problems"))
    assert configurations(older, build("newer", "exit 0"))[1].seen == "to remove: one, two"
