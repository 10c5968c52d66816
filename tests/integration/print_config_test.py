# SPDX-License-Identifier: Apache-2.0
"""identity_server --print_config: the configuration with every value that is in effect."""

import pytest

from tests.integration import canaries
from tests.integration.canaries import API_KEY, PROXY_CREDENTIALS
from tests.integration.client_authority import ClientAuthority
from tests.integration.configurations import good, write
from tests.integration.server_process import run, write_credentials


def values(text):
    """Without comments, which say what a value was derived from."""
    return [line.split("#")[0].rstrip() for line in text.splitlines() if line.split("#")[0].strip()]


def test_the_server_accepts_in_any_folder_what_it_has_printed(folder):
    first = run("--print_config", f"--config={write(folder, good())}")
    assert (first.returncode, first.stderr) == (0, "")
    (folder / "other").mkdir()
    copy = write(folder / "other", first.stdout)
    check = run("--check_config", f"--config={copy}")
    assert (check.returncode, check.stdout, check.stderr) == (0, f"{copy} is good\n", "")
    second = run("--print_config", f"--config={copy}")
    assert values(second.stdout) == values(first.stdout)
    write(folder / "other", second.stdout)
    assert run("--print_config", f"--config={copy}").stdout == second.stdout


def test_a_lowered_value_is_shown_as_it_is_used_and_the_notice_is_on_stderr(folder):
    path = write(folder, good())
    check = run("--check_config", f"--config={path}", open_files=1024)
    result = run("--print_config", f"--config={path}", open_files=1024)
    assert (result.returncode, result.stderr) == (0, check.stderr)
    assert "max_calls_in_flight: lowered to 384: " in result.stderr
    assert "\nmax_calls_in_flight: 384  # 2048, lowered to fit 1024 open files\n" in result.stdout
    assert "\n  max_concurrent_streams: 484  # max_calls_in_flight plus 100\n" in result.stdout


@pytest.mark.parametrize("more", ["workers: 65\n", "colour: 1\n", "workers 1\n"])
def test_a_problem_is_reported_as_by_the_check_and_nothing_is_printed(folder, more):
    path = write(folder, good() + more)
    check = run("--check_config", f"--config={path}")
    result = run("--print_config", f"--config={path}")
    assert (result.returncode, result.stdout, result.stderr) == (2, "", check.stderr)
    assert check.returncode == 2 and check.stderr


def test_no_secret_is_printed(tmp_path):
    authority = ClientAuthority(tmp_path)
    write_credentials(tmp_path / "credentials", API_KEY, canaries.base64_of(canaries.SECRET))
    (tmp_path / "proxy").write_text(PROXY_CREDENTIALS)
    path = write(tmp_path, good() + authority.settings + 'callers { san: "*" }\n'
                 'operator_connection { proxy_url: "http://proxy.example:3128" '
                 'proxy_credentials_file: "proxy" }\n')
    result = run("--print_config", f"--config={path}")
    assert result.returncode == 0
    for file in ("credentials", "proxy", authority.server.key.name):
        assert f'"{tmp_path}/{file}"' in result.stdout
    planted = (canaries.of_credentials(API_KEY, canaries.SECRET) | canaries.of_proxy() |
               canaries.of_key(authority.server.key.read_bytes()))
    printed = result.stdout + result.stderr
    assert [secret for secret in planted if secret in printed] == []
