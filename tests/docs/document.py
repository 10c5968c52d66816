# SPDX-License-Identifier: Apache-2.0
"""A document, by what it quotes."""

import dataclasses
import pathlib
import re
import shlex


@dataclasses.dataclass(frozen=True)
class Block:
    """What is fenced. `name` is that of the comment above it, and otherwise empty."""

    name: str
    text: str


class Document:
    def __init__(self, path: pathlib.Path):
        self.text = path.read_text(encoding="utf-8")
        # In a list, a block is indented.
        found = re.findall(r"^(?:<!-- (\S+) -->\n)?( *)```\w*\n(.*?)^\2```$", self.text,
                           re.DOTALL | re.MULTILINE)
        self.blocks = [Block(name, text) for name, _, text in found]
        # Words in backticks, without those of blocks.
        self.words = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", self.text, flags=re.DOTALL))

    def commands(self) -> list:
        """The commands at prompts, each as a list of words, without pipes to further ones."""
        result = []
        for block in self.blocks:
            joined = re.sub(r"\\\n\s*", " ", block.text)
            for line in re.findall(r"^ *[$#] (.*(?:\|\n.*)?)$", joined, re.MULTILINE):
                for command in re.split(r"\s\|\s|;", line):
                    result.append(_words(command))
        return [words for words in result if words]


def _words(command: str) -> list:
    lexer = shlex.shlex(command, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        return list(lexer)
    except ValueError:
        return command.split()
