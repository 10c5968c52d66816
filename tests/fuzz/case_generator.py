# SPDX-License-Identifier: Apache-2.0
"""Makes up emails, phones, hashes and consent strings that are close to the rules' edges."""

import base64
import random

# Characters that one of the rules is about, and some that look like them.
_SPACES = [" ", "  ", "\t", "\n", "\u00a0", "\u2003", "\u200b", "\ufeff", "\u2028", "\x00", "\x1f"]
_LETTERS = ["a", "Z", "user", "Jane.Saoirse", "\u0130", "\u00c4", "\u212a", "\U0001f600", "e\u0301"]
_EMAIL_MARKS = ["@", "@@", ".", "..", "+", "-", "_", "%", "\"", "/", "'"]
_DOMAINS = ["gmail.com", "GMAIL.com", "gmail.com ", " gmail.com", "googlemail.com", "gmail.com.",
            "example.com", "x", "gmail\uff0ecom"]
_DIGITS = ["0", "9", "12", "34567", "\u0663", "\uff11", "\u00b2"]
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class Cases:
    """An endless source of values. The same seed gives the same ones."""

    def __init__(self, seed: int):
        self._random = random.Random(seed)

    def _some(self, pieces, most: int) -> str:
        return "".join(self._random.choices(pieces, k=self._random.randint(0, most)))

    def email(self) -> str:
        """Usually one @ with something on each side."""
        local = self._some(_LETTERS + _SPACES + _EMAIL_MARKS, 5)
        domain = self._random.choice([self._random.choice(_DOMAINS),
                                      self._some(_LETTERS + _SPACES + _EMAIL_MARKS, 3)])
        return local + self._random.choice(["@", "@", "@", " @", "@ ", ""]) + domain + self._some(
            _SPACES, 1)

    def phone(self) -> str:
        plus = self._random.choice(["+", "+", "+", "", " +", "++", "\uff0b"])
        return plus + self._some(_DIGITS[:4] * 4 + _DIGITS + ["-", " ", "("], 9)

    def hash(self) -> str:
        """Base64 or hexadecimal of 32 bytes, more or less."""
        data = self._random.randbytes(self._random.choice([30, 31, 32, 32, 32, 33, 34]))
        text = self._random.choice([lambda: base64.b64encode(data).decode(), data.hex,
                                    lambda: base64.urlsafe_b64encode(data).decode(),
                                    lambda: data.hex().upper()])()
        if self._random.random() < 0.5:
            place = self._random.randrange(len(text) + 1)
            change = self._random.choice(list(_BASE64) + ["=", "==", "-", "\n", " ", "", "g",
                                                          "\u0663"])
            text = text[:place] + change + text[place + self._random.randint(0, 2):]
        return text

    def consent(self) -> str:
        """Segments of base64, of which the first begins with the version."""
        first = self._random.choice("BCCCCDA+")
        segments = [first + self._segment(90)]
        segments += [self._segment(40) for _ in range(self._random.choice([0, 0, 1, 2, 4]))]
        text = self._random.choice([".", ".", ".", " ", ".."]).join(segments)
        return text + self._random.choice(["", "", "", ".", "=", "\n", "\u00e9"])

    def _segment(self, most: int) -> str:
        length = self._random.randint(0, most)
        # Many zero bits, as in real strings, so that counts of ranges are small.
        return "".join(self._random.choices("AAAAAAAAAAA" + _BASE64[:62] + "-_", k=length))
