# SPDX-License-Identifier: Apache-2.0
"""What can be changed while the emulator runs: opt-outs, settings, and keys."""

import json
import time

import pytest

from tests.emulator import sealed_call
from tests.emulator.emulator_process import EmulatorProcess
from tests.emulator.operator_emulator import base64_text, config, dii, envelope
from tests.emulator.operator_emulator.callers import Caller

_USER = {"email": "user@example.com"}
_HASH = base64_text.encode(dii.sha256("user@example.com"))
_SECRET = base64_text.encode(bytes(32))
_KEY = {"name": "new", "api_key": "UID2-C-L-7-abcdef.0", "client_secret": _SECRET, "site_id": 7}


@pytest.fixture(name="own")
def fixture_own():
    """An emulator whose settings may change."""
    with EmulatorProcess() as process:
        yield process


def _call(emulator, payload, caller=None):
    """Returns (HTTP status, fields of the opened reply, its time in ms)."""
    caller = caller or emulator.caller()
    call = sealed_call.seal(caller.client_secret, payload, _now_ms(emulator))
    response, body = emulator.post("generate", call.body, caller)
    if response.status != 200:
        return response.status, json.loads(body), None
    message = call.open(body)
    return 200, json.loads(message.json), message.time_ms


def _now_ms(emulator) -> int:
    return emulator.control("GET", "/settings")[1]["now_ms"]


def _status(emulator, payload, caller=None) -> str:
    return _call(emulator, payload, caller)[1]["status"]


def _refresh_status(emulator, identity) -> str:
    response, body = emulator.post("refresh", identity["refresh_token"])
    if response.status != 200:
        return json.loads(body)["status"]
    key = base64_text.decode(identity["refresh_response_key"])
    sealed = base64_text.decode(body.decode())
    return json.loads(envelope.open_sealed(key, sealed))["status"]


def test_opt_outs_are_listed_and_reset(own):
    users = [_USER, {"phone": "+15550000000"}]
    assert own.control("POST", "/opt_outs", users) == (204, None)
    status, listed = own.control("GET", "/opt_outs")
    assert status == 200
    assert [list(one) for one in listed] == [["email_hash", "since_ms"], ["phone_hash", "since_ms"]]
    assert listed[0]["email_hash"] == _HASH
    assert abs(listed[0]["since_ms"] - time.time() * 1000) < 20_000
    assert _status(own, _USER) == "optout"
    assert own.control("DELETE", "/opt_outs") == (204, None)
    assert own.control("GET", "/opt_outs") == (200, [])
    assert _status(own, _USER) == "success"


def test_list_with_a_bad_user_opts_nobody_out(own):
    assert own.control("POST", "/opt_outs", [_USER, {"email": "nobody"}])[0] == 400
    assert own.control("GET", "/opt_outs") == (200, [])


def test_reset_leaves_the_opt_outs_of_the_configuration(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text('[opt_outs]\nemails = ["user@example.com", "gone@example.com"]')
    with EmulatorProcess(f"--config={file}") as own:
        assert own.control("DELETE", "/opt_outs", _USER)[0] == 204
        assert len(own.control("GET", "/opt_outs")[1]) == 1
        assert own.control("DELETE", "/opt_outs")[0] == 204
        assert len(own.control("GET", "/opt_outs")[1]) == 2


def test_opt_outs_survive_a_restart_in_the_state_file(tmp_path):
    flag = f"--state-file={tmp_path / 'state.json'}"
    file = tmp_path / "own.toml"
    text = config.DEFAULT_FILE.read_text()
    file.write_text(text.replace("emails = []", 'emails = ["gone@example.com"]'))
    with EmulatorProcess(flag, f"--config={file}") as first:
        identity = sealed_call.generate(first, _USER)
        assert first.control("POST", "/opt_outs", _USER)[0] == 204
        assert first.control("DELETE", "/opt_outs", {"email": "gone@example.com"})[0] == 204
    saved = (tmp_path / "state.json").read_text()
    assert "@" not in saved and (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
    with EmulatorProcess(flag, f"--config={file}") as second:
        assert _status(second, _USER) == "optout"
        assert _status(second, {"email": "gone@example.com"}) == "success"
        assert _refresh_status(second, identity) == "optout"
        assert second.control("DELETE", "/opt_outs")[0] == 204
    with EmulatorProcess(flag, f"--config={file}") as third:
        assert _status(third, _USER) == "success"
        assert _status(third, {"email": "gone@example.com"}) == "optout"


def test_opt_out_that_cannot_be_saved_is_refused_and_does_not_count(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with EmulatorProcess(f"--state-file={folder / 'state.json'}") as own:
        (folder / "state.json").unlink()
        (folder / "state.json").mkdir()
        status, reply = own.control("POST", "/opt_outs", _USER)
        assert status == 500 and reply["error"].startswith(f"cannot write {folder}")
        assert own.control("GET", "/opt_outs") == (200, [])


def test_lifetimes_change_while_it_runs(own):
    status, settings = own.control("PATCH", "/settings", {"lifetimes_ms": {"refresh_from": 5}})
    assert status == 200
    assert settings["lifetimes_ms"] == {
        "identity": 3_600_000,
        "refresh_from": 5,
        "refresh": 86_400_000,
    }
    identity = sealed_call.generate(own, _USER)
    assert identity["identity_expires"] - identity["refresh_from"] == 3_600_000 - 5


def test_clock_changes_while_it_runs(own):
    identity = sealed_call.generate(own, _USER)
    day_ms = 86_400_000
    assert own.control("PATCH", "/settings", {"clock_offset_ms": day_ms + 1000})[0] == 200
    _, fields, time_ms = _call(own, _USER)
    assert fields["status"] == "success"
    assert abs(time_ms - day_ms - time.time() * 1000) < 20_000
    assert _refresh_status(own, identity) == "expired_token"
    assert own.control("PATCH", "/settings", {"clock_offset_ms": 0})[0] == 200
    assert _refresh_status(own, identity) == "success"


def test_key_is_added_changed_and_removed(own):
    new = Caller("new", _KEY["api_key"], bytes(32), 7, frozenset(["GENERATOR"]), False)
    assert _call(own, _USER, new)[0] == 401
    status, described = own.control("POST", "/keys", _KEY)
    assert status == 201
    assert described == {"name": "new", "site_id": 7, "roles": ["GENERATOR"], "disabled": False}
    assert _status(own, _USER, new) == "success"
    assert own.counters()["callers"] == {"unknown": 1, "new": 1}

    assert own.control("PATCH", "/keys/new", {"disabled": True})[1]["disabled"]
    assert _call(own, _USER, new)[0] == 401
    changed = {"disabled": False, "client_secret": base64_text.encode(b"\1" * 32)}
    assert own.control("PATCH", "/keys/new", changed)[0] == 200
    assert "ClientSecret" in _call(own, _USER, new)[1]["message"]
    rotated = Caller("new", _KEY["api_key"], b"\1" * 32, 7, new.roles, False)
    identity = _call(own, _USER, rotated)[1]["body"]

    assert own.control("DELETE", "/keys/new") == (204, None)
    assert _call(own, _USER, rotated)[0] == 401
    assert _refresh_status(own, identity) == "success"


def test_keys_are_listed_without_their_secrets(own):
    _, keys = own.control("GET", "/keys")
    assert [key["name"] for key in keys] == ["publisher", "second publisher", "mapper", "disabled"]
    assert {name for key in keys for name in key} == {"name", "site_id", "roles", "disabled"}


def test_refresh_token_of_a_site_that_this_emulator_has_no_key_of_is_taken(own):
    with EmulatorProcess() as other:
        other.control("POST", "/keys", _KEY)
        new = Caller("new", _KEY["api_key"], bytes(32), 7, frozenset(["GENERATOR"]), False)
        identity = _call(other, _USER, new)[1]["body"]
    assert _refresh_status(own, identity) == "success"


@pytest.mark.parametrize(
    "method, path, fields, status, error",
    [
        ("PATCH", "/settings", {"lifetime_ms": {}}, 400, "unknown: lifetime_ms (did you"),
        ("PATCH", "/settings", {"lifetimes_ms": {"identity": 1}}, 400, "lifetimes_ms: must be 0"),
        ("PATCH", "/settings", {"clock_offset_ms": 1.5}, 400, "clock_offset_ms: must be a whole"),
        ("PATCH", "/settings", {"clock_offset_ms": 10**30}, 400, "clock_offset_ms: must be from"),
        ("PATCH", "/settings", {"scope": "EUID"}, 400, "unknown: scope"),
        ("PATCH", "/settings", [], 400, "the body must be a JSON object"),
        ("POST", "/keys", {"name": "x"}, 400, "api_key: missing"),
        ("POST", "/keys", {**_KEY, "role": []}, 400, "unknown: role (did you mean roles?)"),
        ("POST", "/keys", {**_KEY, "roles": ["MAPER"]}, 400, "roles: no 'MAPER' (did you"),
        ("POST", "/keys", {**_KEY, "name": "mapper"}, 400, "name: 'mapper' is there already"),
        ("POST", "/keys", {**_KEY, "scope": "EUID"}, 400, "scope: this operator serves UID2"),
        ("POST", "/keys", {**_KEY, "client_secret": "AA=="}, 400, "client_secret: must be base64"),
        ("PATCH", "/keys/maper", {}, 404, "no key is named maper (did you mean mapper?)"),
        ("DELETE", "/keys/x", None, 404, "no key is named x"),
        ("GET", "/keys?name=x", None, 400, "unknown parameter: name"),
    ],
)
def test_what_is_not_understood_is_said_and_changes_nothing(
    emulator, method, path, fields, status, error
):
    before = emulator.control("GET", "/keys"), _without_time(emulator)
    got, reply = emulator.control(method, path, fields)
    assert got == status
    assert reply["error"].startswith(error)
    assert (emulator.control("GET", "/keys"), _without_time(emulator)) == before


def _without_time(emulator) -> dict:
    settings = emulator.control("GET", "/settings")[1]
    del settings["now_ms"]
    return settings
