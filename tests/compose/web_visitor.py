# SPDX-License-Identifier: Apache-2.0
"""A browser without a page: keeps cookies, and sends the site's forms."""

import dataclasses
import re
import urllib.error
import urllib.parse
import urllib.request

SECONDS = 30


@dataclasses.dataclass(frozen=True)
class Reply:
    status: int
    headers: object
    body: str


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class WebVisitor:
    """Cookies are sent back whatever their attributes are: like browsers, and unlike Python's jar,
    it takes loopback for secure."""

    def __init__(self, url: str):
        self._url = url
        self._cookies = {}
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))

    def get(self, path: str) -> Reply:
        return self._send(path)

    def log_in(self, login: str, next_page: str) -> Reply:
        """Returns the page after the login."""
        form = self.get(f"/login?next={urllib.parse.quote(next_page)}").body
        csrf = re.search(r'name="_csrf" value="([^"]+)"', form)[1]
        reply = self._send("/login", {"login": login, "password": "demo", "next": next_page,
                                      "_csrf": csrf})
        assert reply.status == 303, (reply.status, reply.body)
        return self.get(reply.headers["location"])

    def _send(self, path, form=None) -> Reply:
        request = urllib.request.Request(
            self._url + path, form and urllib.parse.urlencode(form).encode(),
            {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())})
        try:
            reply = self._opener.open(request, timeout=SECONDS)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            for cookie in reply.headers.get_all("set-cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name] = value
            return Reply(reply.status, reply.headers, reply.read().decode())
