# SPDX-License-Identifier: Apache-2.0
"""Which bodies the layer that reads forms refuses. The expectations are what Vert.x 4.5.24 did."""

import pytest

from tests.emulator import sealed_call
from tests.emulator.operator_emulator import body_charset, form_body

_KEY_VALUE = b"&".join([b"a=b"] * 256)


@pytest.mark.parametrize(
    "body",
    [b"=a", b"a&=b", b"a%zz=b", b"a%4&", b" =a", b"+&b", b"%09\n=a", b"a=b\rc", b"a=%zz&"]
    + [b"a=%4\n", b"a=" + b"b" * 8193, _KEY_VALUE + b"&c&", _KEY_VALUE + b"&c=d&"],
)
def test_refused(body):
    assert form_body.is_refused(body)


@pytest.mark.parametrize(
    "body",
    [b"", b"abc", b"abc=", b"a==", b"a%zz", b"&&", b"a=%zz", b"a=b\r", b"a=b\n=c", b"a=b\r\n%zz="]
    + [b"%00=a", b" ", b"a" * 9000, b"a=" + b"b" * 8192, _KEY_VALUE + b"&c=d"],
)
def test_taken(body):
    assert not form_body.is_refused(body)


@pytest.mark.parametrize(
    "content_type, is_form, is_multipart",
    [
        ("application/x-www-form-urlencoded; charset=utf-8", True, False),
        ("Application/X-WWW-Form-Urlencoded", True, False),
        ("multipart/form-data; boundary=x", False, True),
        ("multipart/form-data", True, True),
        ("Multipart/form-data; boundary=x", True, True),
        ("multipart/mixed; boundary=x", False, False),
        ("", False, False),
    ],
)
def test_types(content_type, is_form, is_multipart):
    assert form_body.is_form(content_type) == is_form
    assert form_body.is_multipart(content_type) == is_multipart


@pytest.mark.parametrize(
    "content_type, text",
    [
        ("text/plain", b"a\x00"),
        ("text/plain; charset=utf-8", b"a\x00"),
        ("text/plain; charset=utf-16", "\u6100".encode()),
        ('text/plain; x; charset="UTF-16LE"', b"a"),
        ("text/plain; CHARSET=utf-16", b"a\x00"),
        ("text/plain, charset=utf-16", b"a\x00"),
        ("charset=utf-16", b"a\x00"),
        (None, b"a\x00"),
    ],
)
def test_charset_decides_how_a_text_is_read(content_type, text):
    assert body_charset.as_utf8(b"a\x00", content_type) == text


@pytest.mark.parametrize("name", ["nope", "", '"', "'utf-8'", "utf-8, x", "base64", "a\x00"])
def test_unknown_charset_makes_the_operator_fail_after_authorization(emulator, name):
    with pytest.raises(body_charset.UnknownCharset):
        body_charset.as_utf8(b"abc", f"text/plain; charset={name}")
    if name.isprintable():
        headers = [("Content-Type", f"text/plain; charset={name}")]
        response, body = emulator.post("generate", "abc", headers=headers)
        assert (response.status, body) == (500, b"Internal Server Error")
        response, _ = emulator.request("POST", "/v2/token/generate", headers, b"abc")
        assert response.status == 401


def test_empty_body_has_no_charset(emulator):
    headers = [("Content-Type", "text/plain; charset=nope")]
    response, body = emulator.post("generate", "", headers=headers)
    assert response.status == 400 and b"Body is missing" in body


def test_envelope_in_another_charset_is_opened(emulator):
    call = sealed_call.seal(emulator.caller().client_secret, {"email": "a@b.com"})
    headers = [("Content-Type", "text/plain; charset=utf-16le")]
    response, _ = emulator.post("generate", call.body.encode("utf-16le"), headers=headers)
    assert response.status == 200
