# SPDX-License-Identifier: Apache-2.0
"""The EUID consent rule, on strings built bit by bit from the published layout."""

import pytest

from tests.emulator.operator_emulator import base64_text, consent

_ALL = {1, 2, 3, 4, 7, 10}
_SUFFICIENT = "CPhJRpMPhJRpMABAMBFRACBoALAAAEJAAIYgAKwAQAKgArABAAqAAA"
_WITHOUT_PURPOSE_1 = "CPehXK9PehXK9ABAMBFRACBoADAAAEJAAIYgAKwAQAKgArABAAqAAA"


def _bits(*fields) -> str:
    return "".join(f"{value:0{width}b}" for value, width in fields)


def _flags(numbers, count) -> str:
    return "".join("1" if i + 1 in numbers else "0" for i in range(count))


def _field_of_vendors(vendors) -> str:
    maximum = max(vendors, default=0)
    return _bits((maximum, 16), (0, 1)) + _flags(vendors, maximum)


def _range_of_vendors(first, last, maximum=None) -> str:
    maximum = last if maximum is None else maximum
    return _bits((maximum, 16), (1, 1), (1, 12), (1, 1), (first, 16), (last, 16))


def _restrictions(*restrictions) -> str:
    """Each restriction: a list of (first, last) vendors."""
    bits = _bits((len(restrictions), 12))
    for vendors in restrictions:
        bits += _bits((2, 6), (0, 2), (len(vendors), 12))
        bits += "".join(_bits((1, 1), (first, 16), (last, 16)) for first, last in vendors)
    return bits


def _segment(kind, bits) -> str:
    return "." + _encode(_bits((kind, 3)) + bits)


def _encode(bits: str) -> str:
    padded = bits + "0" * (-len(bits) % 8)
    data = int(padded, 2).to_bytes(len(padded) // 8, "big")
    return base64_text.encode_url_safe(data)


def _core(
    consent=(),
    legitimate=(),
    vendors=None,
    legitimate_vendors=None,
    version=2,
    restrictions=None,
) -> str:
    none = _field_of_vendors(())
    return _encode(
        _bits((version, 6), (0, 146))
        + _flags(consent, 24)
        + _flags(legitimate, 24)
        + _bits((0, 13))
        + (vendors or none)
        + (legitimate_vendors or none)
        + (restrictions or _restrictions())
    )


_VENDOR = _field_of_vendors({21})


@pytest.mark.parametrize(
    "text",
    [
        _SUFFICIENT,
        _SUFFICIENT + "..",
        _core(_ALL, vendors=_VENDOR),
        _core((), _ALL, legitimate_vendors=_VENDOR),
        _core({1, 2, 3}, {4, 7, 10}, _VENDOR, _VENDOR),
        _core(_ALL, vendors=_range_of_vendors(20, 22)),
        _core(_ALL, vendors=_range_of_vendors(21, 21)),
        _core(_ALL, vendors=_VENDOR, restrictions=_restrictions([(1, 9)], [], [(5, 65535)])),
        _core(_ALL, vendors=_VENDOR) + _segment(1, _VENDOR),
        _core(_ALL, vendors=_VENDOR) + _segment(3, _bits((0, 54))),
        # Only the first segment of a kind is read.
        _core(_ALL, vendors=_VENDOR) + _segment(1, _VENDOR) + _segment(1, "1111"),
        _core(_ALL, vendors=_VENDOR) + _segment(6, ""),
    ],
)
def test_sufficient(text):
    assert consent.is_sufficient(text)


@pytest.mark.parametrize(
    "text",
    [
        _WITHOUT_PURPOSE_1,
        _core(_ALL - {10}, vendors=_VENDOR),
        _core(_ALL, vendors=_field_of_vendors({20, 22})),
        _core(_ALL, vendors=_range_of_vendors(22, 30)),
        _core(_ALL, (), None, _VENDOR),  # consent purposes, but only legitimate interest as vendor
        _core({1, 2, 3}, {4, 7, 10}, _VENDOR),
        _core(),
    ],
)
def test_insufficient(text):
    assert not consent.is_sufficient(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "5",
        "invalid_consent_string",
        "C",
        _SUFFICIENT[:20],
        _SUFFICIENT + "=",
        _SUFFICIENT + "..AA",
        _SUFFICIENT + ".!",
        _SUFFICIENT + "." + _encode(_bits((3, 3), (0, 50))),
        _core(_ALL, vendors=_range_of_vendors(22, 20, maximum=30)),
        _core(_ALL, vendors=_range_of_vendors(20, 31, maximum=30)),
        _core(_ALL, vendors=_VENDOR, version=3),
        _core(_ALL, vendors=_VENDOR)[:-1],
        "CQuMwKAQuMwKAAfABBENAwEgAPJAAAAAAAAgAKwAQAKgAAA",  # within the restrictions
        _core(_ALL, vendors=_VENDOR, restrictions=_restrictions([(9, 8)])),
        _core(_ALL, vendors=_VENDOR, restrictions=_bits((3, 12))),
        _SUFFICIENT + _segment(1, "1111"),
        _SUFFICIENT + _segment(2, _range_of_vendors(5, 4)),
        _SUFFICIENT + _segment(3, _bits((0, 48), (63, 6))),
        _SUFFICIENT + _segment(0, "") + "." + _segment(1, _VENDOR),
        _SUFFICIENT + ".é",
    ],
)
def test_undecodable(text):
    with pytest.raises(consent.UndecodableConsent):
        consent.is_sufficient(text)


@pytest.mark.parametrize(
    "text",
    ["BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA", _core(version=1), "BO", "BO==", "BOEF.!", "BO..", "Bw"],
)
def test_version_1_is_outdated(text):
    with pytest.raises(consent.OutdatedConsent):
        consent.is_sufficient(text)
