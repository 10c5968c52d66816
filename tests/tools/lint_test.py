# SPDX-License-Identifier: Apache-2.0
"""tools/lint finds each violation where it is planted, and lets sound code alone."""

import dataclasses
import subprocess

import pytest
from tests.tools import script

lint = script.load("lint")

# Rule, file, what stands in it. Some of the text is written in two parts, so that this file
# passes the rules itself.
VIOLATIONS = [
    ("grpc-header", "server/identity/a.cc", "#include <grpcpp/grpcpp.h>"),
    ("grpc-header", "server/operator/a.h", "#include <grpc/support/time.h>"),
    ("grpc-header", "server/http/a.cc", '#include "uid2/identity/v1/identity_service.grpc.pb.h"'),
    ("curl-header", "server/operator/a.cc", "#include <curl/curl.h>"),
    ("curl-header", "tests/operator/a_test.cc", "#include <curl/curl.h>"),
    ("http-parser-header", "server/operator/a.cc", "#include <http_parser.h>"),
    ("microhttpd-header", "server/app/server.cc", "#include <microhttpd.h>"),
    ("prometheus-header", "server/http/a.cc", "#include <prometheus/counter.h>"),
    ("prometheus-header", "tests/rpc/a_test.cc", "#include <prometheus/registry.h>"),
    ("openssl-header", "server/identity/a.cc", "#  include <openssl/sha.h>"),
    ("openssl-header", "server/http/wire/connection.cc", "#include <openssl/ssl.h>"),
    ("clock", "server/identity/a.cc", "auto t = absl::Now();"),
    ("clock", "client/a.cc", "auto t = std::chrono::system_clock::now();"),
    ("sleep", "server/app/a.cc", "std::this_thread::sleep_for(x);"),
    ("sleep", "tests/rpc/a_test.cc", "absl::SleepFor(absl::Seconds(1));"),
    ("sleep", "tests/rpc/a_test.cc", "usleep(10);"),
    ("std-vocabulary", "server/rpc/a.h", "void F(std::string_view text);"),
    ("std-vocabulary", "client/a.h", "std::optional<int> F();"),
    ("regex", "server/identity/a.cc", "std::regex pattern;"),
    ("environment", "server/app/a.cc", 'std::getenv("HOME");'),
    ("proto-dump", "server/rpc/a.cc", "Log(request.ShortDebugString());"),
    ("proto-dump", "server/rpc/a.cc", "Log(request->DebugString());"),
    ("stdout", "server/rpc/a.cc", "std::cout << 1;"),
    ("machine-path", "docs/a.md", "Look into /wo" "rk/shared/a.md"),
    ("machine-path", "tests/a.py", "open('/ro" "ot/a')"),
    ("unfinished", "tools/a", "# TO" "DO: write it"),
    ("columns", "docs/a.md", "word " * 20 + "w"),
    ("columns", "proto/uid2/a.proto", "// " + "x" * 98),
    ("columns", "deploy/a.txtpb", "# " + "\u00e9" * 99),
    ("civil-clock-wait", "server/a.cc", "done.WaitForNotificationWithTimeout(kLong);"),
    ("civil-clock-wait", "server/a.cc", "mutex_.AwaitWithDeadline(condition, end);"),
    ("civil-clock-wait", "client/a.h", "changed.WaitWithTimeout(&mutex, kLong);"),
    ("civil-clock-wait", "server/a.cc", "mutex_.LockWhenWithTimeout(condition, kLong);"),
    ("python-sleep", "tests/soak/a.py", "time.sle" "ep(1)"),
    ("python-sleep", "tools/bench", "    time.sle" "ep(delay)"),
    ("python-sleep", "tests/a.py", "from time import monotonic, sle" "ep"),
]

SOUND = [
    ("server/rpc/a.cc", "#include <grpcpp/grpcpp.h>"),
    ("docs/a.md", "```\n" + "output " * 20 + "\n```\n"),
    ("docs/a.md", "1. Step:\n\n   ```\n   " + "output " * 20 + "\n   ```\n"),
    ("server/identity/a.cc", '#include "grpc/health/v1/health.pb.h"'),
    ("server/http/a.cc", "#include <curl/curl.h>"),
    ("server/http/curl/a.cc", "#include <openssl/ssl.h>"),
    ("server/http/wire/tls_stream.cc", "#include <openssl/ssl.h>"),
    ("server/telemetry/a.cc", "#include <prometheus/counter.h>"),
    ("server/app/admin_port.cc", "#include <microhttpd.h>"),
    ("tests/crypto/a_test.cc", "#include <openssl/evp.h>"),
    ("server/identity/a.cc", "// absl::Now() is not for us: std::optional, std::string_view"),
    ("server/identity/a.cc", "/* std::regex\n   std::cout */"),
    ("server/identity/a.cc", 'const char* kText = "std::cout";'),
    ("server/identity/a.cc", 'const char* kText = R"(std::cout << "a")";'),
    ("server/identity/a.cc", "int a = 1'000'000;  // it's absl::Now()"),
    ("server/main.cc", "std::cout << 1;"),
    ("tests/a_test.cc", "std::optional<int> a = absl::Now();"),
    ("docs/a.md", "x" * 100 + "\n| " + "x" * 99 + " |\n  | " + "x" * 99 + " |"),
    ("docs/a.md", "[" + "x" * 60 + "](https://example.com/" + "x" * 60 + ")"),
    ("server/a.cc", "mutex_.Await(condition); // WaitWithTimeout() would hang"),
    ("tests/a_test.cc", "done.WaitForNotificationWithTimeout(kLong);"),
    ("tests/a.py", "wait_until(ready, seconds=10)"),
    ("docs/a.md", "Set /etc/uid2/work/ and ~/work/ and https://example.com/root/ up."),
]


@pytest.fixture(autouse=True)
def checkout(tmp_path):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)


def rules_found(root):
    """Names of the rules broken below root; formatting is not looked at."""
    used = set()
    found = []
    for path in lint.source_paths(root):
        text = lint.read_text(root / path)
        if text is not None:
            found += lint.check_rules(path, text, used)
            found += lint.check_length(path, text)
    return [(line.split(":")[0], line.split("[")[1].split("]")[0]) for line in found]


def plant(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text + "\n", encoding="utf-8")


@pytest.mark.parametrize("rule,path,text", VIOLATIONS)
def test_finds_what_is_planted(tmp_path, rule, path, text):
    plant(tmp_path, path, text)
    assert rules_found(tmp_path) == [(path, rule)]


@pytest.mark.parametrize("path,text", SOUND)
def test_lets_sound_text_alone(tmp_path, path, text):
    plant(tmp_path, path, text)
    assert rules_found(tmp_path) == []


def test_every_rule_has_a_planted_violation():
    assert {rule.name for rule in lint.lint_rules.RULES} == {rule for rule, _, _ in VIOLATIONS}


@pytest.mark.parametrize("path,lines,is_found", [
    ("server/a.cc", 300, False),
    ("server/a.cc", 301, True),
    ("tests/a_test.cc", 301, True),
    ("tests/a_test.py", 301, True),
    ("tests/testdata/a.json", 301, False),
    ("tests/BUILD", 301, False),
])
def test_files_over_300_lines_are_found(tmp_path, path, lines, is_found):
    plant(tmp_path, path, "1;\n" * (lines - 1) + "1;")
    assert rules_found(tmp_path) == ([(path, "length")] if is_found else [])


def test_the_line_of_a_finding_survives_comments_and_raw_strings():
    text = '/* one\ntwo */ const char* kA = R"(three\nfour)";\nstd::cout << 1;\n'
    assert list(lint.check_rules("server/a.cc", text, set()))[0].startswith("server/a.cc:4: ")


def test_an_exception_holds_for_its_file_only_and_must_be_needed(monkeypatch):
    [rule] = [rule for rule in lint.lint_rules.RULES if rule.name == "stdout"]
    excepted = dataclasses.replace(rule, exceptions={"server/a.cc": "a reason", "server/b.cc": "-"})
    monkeypatch.setattr(lint.lint_rules, "RULES", [excepted])
    used = set()
    assert not list(lint.check_rules("server/a.cc", "std::cout << 1;", used))
    assert list(lint.check_rules("server/c.cc", "std::cout << 1;", used))
    [stale] = lint.check_exceptions(used)
    assert "server/b.cc needs no exception" in stale


LICENCE = "SPDX-License-" "Identifier: Apache-2.0"


@pytest.mark.parametrize("path,text", [
    ("server/a.cc", "// %s\nint a;"), ("server/BUILD", "# %s\npackage()"),
    ("tools/a", "#!/bin/bash\n# %s\ntrue"), ("bazel/a.bzl", '# %s\n"""Rules."""'),
    ("proto/a.proto", '// %s\nsyntax = "proto3";'), ("client/node/a.ts", "// %s\n"),
])
def test_a_source_without_its_licence_at_the_top_is_found(path, text):
    assert not list(lint.check_licence(path, text % LICENCE))
    for bad in [text % "Apache", text % "Apache" + "\n\n\n// " + LICENCE]:
        [finding] = lint.check_licence(path, bad)
        assert finding.startswith(path + ":1: [license]")


@pytest.mark.parametrize("path,text", [
    ("docs/a.md", "Text."), ("tests/BUILD", ""), ("tests/a/testdata/a.py", "pass"),
    ("deploy/a.txtpb", "a: 1"),
])
def test_what_is_no_source_needs_no_licence(path, text):
    assert not list(lint.check_licence(path, text))


@pytest.mark.parametrize("line,finding", [
    ("`tests/a_test.cc` `IsThere`, `tests/b_test.py` `test_there`", None),
    ("`tests/a_test.cc`", None),
    ("`Reveal()` and `IsNoName`", None),
    ("`tests/c_test.cc` `IsThere`", "tests/c_test.cc does not exist"),
    ("`tests/a_test.cc` `IsThere`, `IsGone`", "tests/a_test.cc has no IsGone"),
    ("`tests/a_test.cc` `IsThere`, `tests/b_test.py` `test_gone`", "tests/b_test.py has no test_gone"),
])
def test_a_cited_test_must_exist(tmp_path, line, finding):
    plant(tmp_path, "tests/a_test.cc", "TEST(A, IsThere) {")
    plant(tmp_path, "tests/b_test.py", "def test_there():")
    found = list(lint.check_citations(tmp_path, "docs/a.md", "# A\n\n" + line))
    assert found == ([f"docs/a.md:3: [citation] {finding}"] if finding else [])


def test_what_is_found_is_cut_where_it_is_long(tmp_path):
    plant(tmp_path, "docs/a.md", "x" * 400)
    [finding] = lint.check_rules("docs/a.md", "x" * 400, set())
    assert finding.startswith("docs/a.md:1: [columns] " + "x" * 37 + "...: more than 100 columns")


def test_what_git_ignores_is_not_looked_at(tmp_path):
    plant(tmp_path, ".gitignore", "/built/")
    plant(tmp_path, "built/server/a.cc", "std::cout << 1;")
    plant(tmp_path, "deleted", "")
    (tmp_path / "binary").write_bytes(b"\0/ro" b"ot/")
    (tmp_path / "link").symlink_to("binary")
    assert rules_found(tmp_path) == []
    subprocess.run(["git", "-C", tmp_path, "add", "--all"], check=True)
    (tmp_path / "deleted").unlink()
    assert list(lint.source_paths(tmp_path)) == [".gitignore", "binary"]


def test_a_tree_without_git_ends_lint_with_advice(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "gone"))
    with pytest.raises(SystemExit) as ended:
        list(lint.source_paths(tmp_path))
    assert ended.value.code == "tools/lint: git cannot list the files; run this in a checkout"


def test_a_library_whose_package_setup_does_not_install_is_found(tmp_path):
    plant(tmp_path, "bazel/system_libraries.bzl", '_LIBRARIES = {\n "a": ([], "liba-dev", []),\n'
          '"b": ([], "libb++-dev", []),}')
    plant(tmp_path, "tools/setup", "PACKAGES=(g++ liba-dev)")
    [finding] = lint.check_packages(tmp_path)
    assert finding.startswith("bazel/system_libraries.bzl:3: [package] libb++-dev")


def test_the_exit_status_says_whether_there_are_findings(tmp_path, capsys, monkeypatch):
    plant(tmp_path, "bazel/system_libraries.bzl", "# " + LICENCE)
    plant(tmp_path, "tools/setup", "")
    monkeypatch.setattr(lint, "CHECKS", {"rules": lint.check_texts})
    monkeypatch.setattr(lint, "check_exceptions", lambda used: [])
    assert lint.main(["lint", "--root", str(tmp_path)]) == 0
    plant(tmp_path, "docs/a.md", "/ro" "ot/a")
    assert lint.main(["lint", "--root", str(tmp_path)]) == 1
    assert capsys.readouterr().out.startswith("docs/a.md:1: [machine-path] ")


def test_a_program_that_is_missing_is_named_and_the_other_checks_are_made(
        tmp_path, capsys, monkeypatch):
    plant(tmp_path, "bazel/system_libraries.bzl", "# " + LICENCE)
    plant(tmp_path, "tools/setup", "# Text.")
    plant(tmp_path, "tools/a.sh", "# " + LICENCE + "\ntrue")
    monkeypatch.setattr(lint.lint_programs.shutil, "which", lambda name: None)
    monkeypatch.setattr(lint, "check_exceptions", lambda used: [])
    assert lint.main(["lint", "--root", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    for name in ["shellcheck", "buildifier"]:
        assert (f"not checked by {name}: {name} is not installed: run tools/setup --lint"
                in captured.err)


@pytest.mark.parametrize("arguments", [
    ["server"], ["--touched"], ["--limit=1"], ["--tidy", "--fix"], ["--tidy", "--limit=soon"],
    ["--tidy", "--touched", "server"], ["--everything"],
])
def test_arguments_that_do_not_go_together_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        lint.main(["lint", *arguments])
    assert ended.value.code == 2
    assert "tools/lint: error: " in capsys.readouterr().err


LINKED = "# Page\n\n## `A_REASON` (one): it's here\n\n## Twice\n## Twice\n```\n## No heading\n```"


@pytest.mark.parametrize("target", [
    "b.md", "../docs/b.md#page", "b.md#a_reason-one-its-here", "b.md#twice", "b.md#twice-1", "#own",
    "../tools/a", "https://example.com/none.md#none", "mailto:a@example.com",
])
def test_a_link_that_resolves_is_let_alone(tmp_path, target):
    plant(tmp_path, "docs/b.md", LINKED)
    plant(tmp_path, "tools/a", "")
    assert not list(lint.check_links(tmp_path, "docs/a.md", f"# Own\n[text]({target})"))


@pytest.mark.parametrize("target,problem", [
    ("c.md", "there is no such file"), ("docs/b.md", "there is no such file"),
    ("b.md#twice-2", "there is no heading with this anchor"),
    ("b.md#no-heading", "there is no heading with this anchor"),
    ("#page", "there is no heading with this anchor"),
])
def test_a_link_to_nothing_is_found_on_its_line(tmp_path, target, problem):
    plant(tmp_path, "docs/b.md", LINKED)
    text = f"# Own\n`[text](code.md)`\n```\n[text](output.md)\n```\n[text]({target})"
    assert list(lint.check_links(tmp_path, "docs/a.md", text)) == [
        f"docs/a.md:6: [link] {target}: {problem}"]
