# SPDX-License-Identifier: Apache-2.0
"""The control port: JSON over HTTP to manage faults, counters, and opt-outs at run time."""

import operator
import re
from http import HTTPStatus

from aiohttp import web

from . import dii, fault, token_api
from .address import Address
from .emulation import Emulation
from .listener import listen_error

_CONDITION = re.compile(r"([\w.]+?)(==|>=|<=)(\d+)", re.ASCII)
_COMPARISONS = {"==": operator.eq, ">=": operator.ge, "<=": operator.le}
_DEFAULT_TIMEOUT_MS = 10_000


async def start(emulation: Emulation, address: Address):
    """Returns the runner, which the caller must clean up, and the bound address. Raises
    ListenError."""
    runner = web.AppRunner(_Control(emulation).application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, address.host, address.port)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise listen_error(address, error) from None
    return runner, Address(address.host, runner.addresses[0][1])


class _Control:
    def __init__(self, emulation: Emulation):
        self._emulation = emulation

    def application(self) -> web.Application:
        application = web.Application(middlewares=[_refusals_as_json])
        application.add_routes(
            [
                web.get("/faults", self._list_faults),
                web.post("/faults", self._add_faults),
                web.delete("/faults", self._remove_all_faults),
                web.delete(r"/faults/{id:\d+}", self._remove_fault),
                web.get("/counters", self._counters),
                web.delete("/counters", self._clear_counters),
                web.post("/opt_outs", self._opt_out),
                web.delete("/opt_outs", self._opt_in),
            ]
        )
        return application

    async def _list_faults(self, request):
        return web.json_response(self._emulation.plan.described())

    async def _add_faults(self, request):
        """Takes one fault or a list of faults. If any is malformed, none is added."""
        body = await _json(request)
        many = body if isinstance(body, list) else [body]
        faults = [fault.from_fields(fields) for fields in many]
        numbers = [self._emulation.add_fault(one) for one in faults]
        return web.json_response({"ids": numbers}, status=HTTPStatus.CREATED)

    async def _remove_all_faults(self, request):
        for number in self._emulation.plan.numbers():
            await self._emulation.remove_fault(number)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _remove_fault(self, request):
        if not await self._emulation.remove_fault(int(request.match_info["id"])):
            return _refusal(HTTPStatus.NOT_FOUND, "no fault of that id")
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _counters(self, request):
        """?wait=calls.aborted>=1&timeout_ms=5000 replies once the condition holds, or with 504 if
        it does not hold in time. If there are several wait parameters, all must hold."""
        conditions = [_condition(text) for text in request.query.getall("wait", [])]
        timeout_ms = request.query.get("timeout_ms", str(_DEFAULT_TIMEOUT_MS))
        if not timeout_ms.isdecimal():
            raise ValueError("timeout_ms: not a whole number")
        counters = self._emulation.counters
        held = await counters.wait_until(
            lambda snapshot: all(condition(snapshot) for condition in conditions),
            int(timeout_ms) / 1000,
        )
        status = HTTPStatus.OK if held else HTTPStatus.GATEWAY_TIMEOUT
        return web.json_response(counters.snapshot(), status=status)

    async def _clear_counters(self, request):
        self._emulation.counters.clear()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _opt_out(self, request):
        self._emulation.opt_out(_identifier(await _json(request)))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _opt_in(self, request):
        self._emulation.opt_in(_identifier(await _json(request)))
        return web.Response(status=HTTPStatus.NO_CONTENT)


@web.middleware
async def _refusals_as_json(request, handler):
    """Turns a ValueError (FaultError, for example) into a 400 with its message."""
    try:
        return await handler(request)
    except ValueError as error:
        return _refusal(HTTPStatus.BAD_REQUEST, str(error))


def _refusal(status: HTTPStatus, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)


async def _json(request):
    try:
        return await request.json()
    except ValueError:
        raise ValueError("the body is not JSON") from None


def _identifier(fields) -> dii.Identifier:
    if not isinstance(fields, dict) or len(fields) != 1:
        raise ValueError("exactly one identifier is wanted")
    (name, text), *_ = fields.items()
    if name not in token_api.IDENTIFIER_FIELDS or not isinstance(text, str):
        raise ValueError(f"one of {', '.join(token_api.IDENTIFIER_FIELDS)} is wanted, as text")
    identifier = dii.identify(name, text)
    if identifier is None:
        raise ValueError(f"not a valid {name}")
    return identifier


def _condition(text: str):
    """Parses NAME==N, NAME>=N, or NAME<=N. NAME is a dotted path in a counter snapshot; if it is
    absent, its value is 0."""
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise ValueError(f"wait: {text!r} is not NAME==N, NAME>=N or NAME<=N")
    name, comparison, number = match.groups()

    def holds(snapshot) -> bool:
        value = snapshot
        for part in name.split("."):
            value = value.get(part, 0) if isinstance(value, dict) else 0
        return not isinstance(value, dict) and _COMPARISONS[comparison](value, int(number))

    return holds
