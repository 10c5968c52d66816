# SPDX-License-Identifier: Apache-2.0
"""The control port: JSON over HTTP to manage faults, counters, and settings at run time."""

import logging
import operator
import re
from http import HTTPStatus

from aiohttp import web

from . import control_json, fault
from .address import Address
from .control_json import Refused, check_query, done, reply
from .control_settings import ControlSettings
from .emulation import Emulation
from .listener import listen_error
from .suggestion import unknown

_CONDITION = re.compile(r"([\w. ]+?)(==|>=|<=)(\d{1,18})", re.ASCII)
_COMPARISONS = {"==": operator.eq, ">=": operator.ge, "<=": operator.le}
_DEFAULT_TIMEOUT_MS = 10_000
_MAXIMUM_TIMEOUT_MS = 86_400_000
_SHUTDOWN_S = 1
_PATHS = ("/faults", "/counters", "/opt_outs", "/settings", "/keys")
# Counters whose names depend on what happens.
_OPEN_TABLES = frozenset({"callers", "faults", "statuses"})


async def start(emulation: Emulation, address: Address):
    """Returns the runner, which the caller must clean up, and the bound address. Raises
    ListenError."""
    application = web.Application(middlewares=[control_json.refusals(_PATHS)])
    application.add_routes(_Control(emulation).routes() + ControlSettings(emulation).routes())
    # aiohttp would log a traceback for each request that is not HTTP.
    silent = logging.getLogger("operator_emulator.control")
    silent.addHandler(logging.NullHandler())
    silent.propagate = False
    runner = web.AppRunner(application, access_log=None, logger=silent)
    await runner.setup()
    site = web.TCPSite(runner, address.host, address.port, shutdown_timeout=_SHUTDOWN_S)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise listen_error(address, error, "--control") from None
    return runner, Address(address.host, runner.addresses[0][1])


class _Control:
    def __init__(self, emulation: Emulation):
        self._emulation = emulation

    def routes(self) -> list:
        return [
            web.get("/faults", self._list_faults),
            web.post("/faults", self._add_faults),
            web.delete("/faults", self._remove_all_faults),
            web.delete(r"/faults/{id}", self._remove_fault),
            web.get("/counters", self._counters),
            web.delete("/counters", self._clear_counters),
        ]

    async def _list_faults(self, request):
        check_query(request)
        return reply(self._emulation.plan.described())

    async def _add_faults(self, request):
        """Takes one fault or a list of faults. If any is refused, none is added."""
        body = await control_json.body(request)
        many = body if isinstance(body, list) else [body]
        faults = [fault.from_fields(fields) for fields in many]
        numbers = []
        try:
            for one in faults:
                numbers.append(self._emulation.add_fault(one))
        except fault.FaultError:
            for number in numbers:
                await self._emulation.remove_fault(number)
            raise
        return reply({"ids": numbers}, HTTPStatus.CREATED)

    async def _remove_all_faults(self, request):
        for number in self._emulation.plan.numbers():
            await self._emulation.remove_fault(number)
        return done()

    async def _remove_fault(self, request):
        number = request.match_info["id"]
        is_number = number.isdecimal() and len(number) < 10
        if not is_number or not await self._emulation.remove_fault(int(number)):
            raise Refused(HTTPStatus.NOT_FOUND, "no fault of that id")
        return done()

    async def _counters(self, request):
        """?wait=calls.aborted>=1&timeout_ms=5000 replies once the condition holds, or with 504 if
        it does not hold in time. If there are several wait parameters, all must hold."""
        check_query(request, "wait", "timeout_ms")
        counters = self._emulation.counters
        known = counters.snapshot()
        conditions = [_condition(text, known) for text in request.query.getall("wait", [])]
        held = await counters.wait_until(
            lambda snapshot: all(condition(snapshot) for condition in conditions),
            _timeout_ms(request) / 1000,
        )
        if not held and counters.is_ended:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "the emulator is shutting down")
        return reply(counters.snapshot(), HTTPStatus.OK if held else HTTPStatus.GATEWAY_TIMEOUT)

    async def _clear_counters(self, request):
        self._emulation.counters.clear()
        return done()


def _timeout_ms(request) -> int:
    text = request.query.get("timeout_ms", str(_DEFAULT_TIMEOUT_MS))
    if not text.isdecimal():
        raise ValueError("timeout_ms: not a whole number")
    if len(text) > 12 or int(text) > _MAXIMUM_TIMEOUT_MS:
        raise ValueError(f"timeout_ms: {_MAXIMUM_TIMEOUT_MS}, a day, is the limit")
    return int(text)


def _condition(text: str, known: dict):
    """Parses NAME==N, NAME>=N, or NAME<=N. NAME is a dotted path in known, a counter snapshot; if
    a name that depends on what happens is absent, its value is 0."""
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise ValueError(f"wait: {text!r} is not NAME==N, NAME>=N or NAME<=N")
    name, comparison, number = match.groups()
    parts = name.split(".")
    _check_name(parts, known)

    def holds(snapshot) -> bool:
        value = snapshot
        for part in parts:
            value = value.get(part, 0) if isinstance(value, dict) else 0
        return not isinstance(value, dict) and _COMPARISONS[comparison](value, int(number))

    return holds


def _check_name(parts, known):
    for at, part in enumerate(parts):
        if not isinstance(known, dict) or part not in known:
            nearest = unknown(part, known) if isinstance(known, dict) else part
            raise ValueError(f"wait: {'.'.join(parts)}: no counter {nearest}")
        if part in _OPEN_TABLES:
            return
        known = known[part]
    if isinstance(known, dict):
        raise ValueError(f"wait: {'.'.join(parts)} is a table: add .{next(iter(known))}, say")
