# SPDX-License-Identifier: Apache-2.0
"""JSON in and out of the control port. Every refusal is {"error": "..."}, whatever goes wrong."""

import json
import sys
import traceback
from http import HTTPStatus

from aiohttp import web

from .state_file import StateError
from .suggestion import unknown


class Refused(Exception):
    def __init__(self, status: HTTPStatus, text: str):
        super().__init__(text)
        self.status = status


def reply(value, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.json_response(value, status=status)


def done() -> web.Response:
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def body(request):
    """Raises ValueError."""
    try:
        return json.loads(await request.read())
    except (ValueError, RecursionError):
        raise ValueError("the body is not JSON") from None


async def body_fields(request) -> dict:
    """Raises ValueError."""
    fields = await body(request)
    if not isinstance(fields, dict):
        raise ValueError("the body must be a JSON object")
    return fields


def check_query(request, *known):
    """Raises ValueError if there is a parameter that is not known."""
    for name in request.query:
        if name not in known:
            raise ValueError(f"unknown parameter: {unknown(name, known)}")


def refusals(paths):
    """Middleware that turns errors into refusals. paths: what the control port serves."""

    @web.middleware
    async def middleware(request, handler):
        try:
            return await handler(request)
        except Refused as refused:
            return _refusal(refused.status, str(refused))
        except ValueError as error:  # FaultError and ConfigError, too
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        except StateError as error:
            return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
        except web.HTTPNotFound:
            nearest = unknown(request.path, paths)
            text = f"no {nearest}; there are {', '.join(paths)}"
            return _refusal(HTTPStatus.NOT_FOUND, text)
        except web.HTTPMethodNotAllowed as error:
            text = f"{request.path} takes {', '.join(sorted(error.allowed_methods))}"
            return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, text)
        except web.HTTPException as error:
            return _refusal(HTTPStatus(error.status), error.reason)
        except Exception as error:  # a bug of the emulator; one line says where it is
            place = traceback.extract_tb(error.__traceback__)[-1]
            text = f"internal error at {place.name}:{place.lineno}: {type(error).__name__}"
            print(f"emulator: control: {text}", file=sys.stderr, flush=True)
            return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR, text)

    return middleware


def _refusal(status: HTTPStatus, text: str) -> web.Response:
    return reply({"error": text}, status)
