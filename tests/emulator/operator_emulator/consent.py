# SPDX-License-Identifier: Apache-2.0
"""IAB TCF version 2 consent strings, read to their end as the operator reads them.

Layout: IAB Tech Lab, "Consent string and vendor list formats v2": the core string and the
DisclosedVendors (1), AllowedVendors (2), and PublisherTC (3) segments.
"""

from . import base64_text

EUID_VENDOR = 21
EUID_PURPOSES = frozenset({1, 2, 3, 4, 7, 10})

_PURPOSES_OFFSET = 152  # bits of the core string before PurposesConsent
_PURPOSE_COUNT = 24
_VENDORS_OFFSET = 213  # bits of the core string before the first MaxVendorId
_PURPOSE_ID_BITS = 6
_RESTRICTION_TYPE_BITS = 2
_SEGMENT_TYPE_BITS = 3
_PUBLISHER_FIXED_BITS = 2 * _PURPOSE_COUNT  # consent and legitimate interest


class UndecodableConsent(ValueError):
    """The text cannot be decoded as a TCF string."""


class OutdatedConsent(Exception):
    """A TCF version 1 string; the operator answers with an internal error."""


def is_sufficient(text: str) -> bool:
    """Whether every required purpose is covered: by consent, if the vendor has consent, or by
    legitimate interest, if the vendor has that. Raises UndecodableConsent, OutdatedConsent."""
    segments = text.split(".")
    while len(segments) > 1 and not segments[-1]:
        segments.pop()
    core = _Bits.of_segment(segments[0])
    version = core.number(6)
    if version == 1:
        raise OutdatedConsent
    if version != 2:
        raise UndecodableConsent("unsupported version")
    others = [_Bits.of_segment(segment) for segment in segments[1:]]
    covered = _covered_purposes(core)
    _skip_restrictions(core)
    for kind, check in _SEGMENT_CHECKS.items():
        _check_first(others, kind, check)
    return EUID_PURPOSES <= covered


def _covered_purposes(core) -> set:
    core.seek(_PURPOSES_OFFSET)
    consented = core.flags(_PURPOSE_COUNT)
    legitimate = core.flags(_PURPOSE_COUNT)
    core.seek(_VENDORS_OFFSET)
    covered = set()
    if EUID_VENDOR in core.vendors():
        covered |= consented
    if EUID_VENDOR in core.vendors():
        covered |= legitimate
    return covered


def _skip_restrictions(core):
    """The publisher restrictions, which follow the vendors. The rule does not regard them, but
    they must decode."""
    for _ in range(core.number(12)):
        core.number(_PURPOSE_ID_BITS + _RESTRICTION_TYPE_BITS)
        core.ranges()


def _check_first(segments, kind: int, check):
    """Only the first segment of each kind is read, and those before it as far as their kind."""
    for segment in segments:
        segment.seek(0)
        if segment.number(_SEGMENT_TYPE_BITS) == kind:
            check(segment)
            return


def _check_vendors(segment):
    segment.vendors()


def _check_publisher(segment):
    segment.number(_PUBLISHER_FIXED_BITS)
    segment.number(2 * segment.number(6))


_SEGMENT_CHECKS = {1: _check_vendors, 2: _check_vendors, 3: _check_publisher}


class _Bits:
    """A cursor over big-endian bits; reading past the end raises UndecodableConsent."""

    def __init__(self, data: bytes):
        self._value = int.from_bytes(data, "big")
        self._length = 8 * len(data)
        self._position = 0

    @classmethod
    def of_segment(cls, segment: str):
        try:
            return cls(base64_text.decode_url_safe(segment))
        except base64_text.NotBase64:
            raise UndecodableConsent("a segment is not base64") from None

    def seek(self, position: int):
        self._position = position

    def number(self, width: int) -> int:
        end = self._position + width
        if end > self._length:
            raise UndecodableConsent("too short")
        self._position = end
        return (self._value >> (self._length - end)) & ((1 << width) - 1)

    def flags(self, count: int) -> set:
        """The 1-based positions of the bits that are set among the next count bits."""
        value = self.number(count)
        return {i + 1 for i in range(count) if value >> (count - 1 - i) & 1}

    def vendors(self) -> set:
        maximum = self.number(16)
        if not self.number(1):
            return self.flags(maximum)
        return self.ranges(maximum)

    def ranges(self, maximum: int = (1 << 16) - 1) -> set:
        """Only the end of a range is compared with the maximum, as the operator does it."""
        found = set()
        for _ in range(self.number(12)):
            is_range = self.number(1)
            first = self.number(16)
            last = self.number(16) if is_range else first
            if first > last or (is_range and last > maximum):
                raise UndecodableConsent("impossible vendor range")
            found.update(range(first, last + 1))
        return found
