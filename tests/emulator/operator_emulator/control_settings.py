# SPDX-License-Identifier: Apache-2.0
"""The control port's opt-outs, settings, and keys."""

from http import HTTPStatus

from aiohttp import web

from . import caller_config, config, dii, state_file, token_api
from .callers import Caller
from .config_table import Table
from .control_json import Refused, body, body_fields, check_query, done, reply
from .emulation import Emulation
from .suggestion import unknown


class ControlSettings:
    def __init__(self, emulation: Emulation):
        self._emulation = emulation

    def routes(self) -> list:
        return [
            web.get("/opt_outs", self._list_opt_outs),
            web.post("/opt_outs", self._opt_out),
            web.delete("/opt_outs", self._opt_in),
            web.get("/settings", self._settings),
            web.patch("/settings", self._change_settings),
            web.get("/keys", self._list_keys),
            web.post("/keys", self._add_key),
            web.patch("/keys/{name}", self._change_key),
            web.delete("/keys/{name}", self._remove_key),
        ]

    async def _list_opt_outs(self, request):
        check_query(request)
        return reply([state_file.described(*one) for one in self._emulation.opt_outs()])

    async def _opt_out(self, request):
        self._emulation.opt_out(_identifiers(await body(request)))
        return done()

    async def _opt_in(self, request):
        """Without a body, undoes all changes."""
        if not await request.read():
            self._emulation.reset_opt_outs()
        else:
            self._emulation.opt_in(_identifiers(await body(request)))
        return done()

    async def _settings(self, request):
        check_query(request)
        return reply(self._described_settings())

    def _described_settings(self) -> dict:
        lifetimes = self._emulation.identities.lifetimes
        return {
            "scope": self._emulation.scope.name,
            "clock_offset_ms": self._emulation.clock.offset_ms,
            "now_ms": self._emulation.clock.now_ms(),
            "lifetimes_ms": {
                name: getattr(lifetimes, name) for name in ("identity", "refresh_from", "refresh")
            },
        }

    async def _change_settings(self, request):
        """Takes the names and limits of the configuration file. What is not named stays."""
        table = Table(await body_fields(request))
        offset_ms = config.read_clock_offset(table, self._emulation.clock.offset_ms)
        before = self._emulation.identities.lifetimes
        lifetimes = config.read_lifetimes(table.table("lifetimes_ms"), before)
        table.finish()
        self._emulation.clock.offset_ms = offset_ms
        self._emulation.identities.lifetimes = lifetimes
        return reply(self._described_settings())

    async def _list_keys(self, request):
        check_query(request)
        return reply([_described_key(caller) for caller in self._emulation.callers.all()])

    async def _add_key(self, request):
        table = Table(await body_fields(request))
        callers = self._emulation.callers
        number = len(callers.all())
        while callers.named(f"key {number}"):
            number += 1
        self._check_scope(table)
        caller = caller_config.read(table, f"key {number}")
        caller_config.check_distinct(caller, callers.all(), table)
        self._emulation.add_caller(caller)
        return reply(_described_key(caller), HTTPStatus.CREATED)

    async def _change_key(self, request):
        before = self._named(request)
        table = Table(await body_fields(request))
        self._check_scope(table)
        caller = caller_config.read(table, before.name, before)
        others = [one for one in self._emulation.callers.all() if one is not before]
        caller_config.check_distinct(caller, others, table)
        self._emulation.replace_caller(before.name, caller)
        return reply(_described_key(caller))

    async def _remove_key(self, request):
        self._emulation.callers.remove(self._named(request).name)
        return done()

    def _named(self, request) -> Caller:
        callers = self._emulation.callers
        name = request.match_info["name"]
        caller = callers.named(name)
        if caller is None:
            nearest = unknown(name, [one.name for one in callers.all()])
            raise Refused(HTTPStatus.NOT_FOUND, f"no key is named {nearest}")
        return caller

    def _check_scope(self, table: Table):
        if caller_config.scope(table, self._emulation.scope) is not self._emulation.scope:
            raise ValueError(f"scope: this operator serves {self._emulation.scope.name}")


def _described_key(caller: Caller) -> dict:
    """Neither the key nor its secret."""
    return {
        "name": caller.name,
        "site_id": caller.site_id,
        "roles": sorted(caller.roles),
        "disabled": caller.disabled,
    }


def _identifiers(value) -> list:
    """One user, or a list of users. If one is malformed, none counts. Raises ValueError."""
    return [_identifier(fields) for fields in (value if isinstance(value, list) else [value])]


def _identifier(fields) -> dii.Identifier:
    if not isinstance(fields, dict) or len(fields) != 1:
        raise ValueError("exactly one identifier is wanted")
    (name, text), *_ = fields.items()
    if name not in token_api.IDENTIFIER_FIELDS:
        known = token_api.IDENTIFIER_FIELDS
        raise ValueError(f"unknown: {unknown(name, known)}; there are {', '.join(known)}")
    identifier = dii.identify(name, text) if isinstance(text, str) else None
    if identifier is None:
        raise ValueError(f"not a valid {name}")
    return identifier
