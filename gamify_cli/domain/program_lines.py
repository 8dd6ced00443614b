"""Where in a TOML or JSON text each value stands. The text was read before, so it is sound."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_STRING = r"\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|\"(?:\\.|[^\"\\])*\"|'[^']*'"
_TOKEN = re.compile(rf"{_STRING}|#[^\n]*|[\[\]{{}},=:\n]|[^\s\[\]{{}},=:#\"']+", re.DOTALL)
_KEY = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'|[^\s.\"']+")


def of_json(text: str) -> dict[Path, int]:
    """The line of each value by its path; a member's is that of its name."""
    return _Scan(text).value(()).lines


def of_toml(text: str) -> dict[Path, int]:
    """The same for TOML; an entry of `[[kind]]` stands at its header."""
    return _Scan(text).tables().lines


def nearest(lines: dict[Path, int], path: Path) -> int:
    """The line of the value at a path, or of what it would stand in."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


class _Scan:
    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self._tokens: list[tuple[str, int]] = []
        line, at = 1, 0
        for match in _TOKEN.finditer(text):
            line, at = line + text.count("\n", at, match.start()), match.start()
            if not match[0].startswith("#"):
                self._tokens.append((match[0], line))
        self._tokens.reverse()
        self._counts: dict[Path, int] = {}

    def tables(self) -> _Scan:
        table: Path = ()
        while self._skip("\n"):
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
        return self

    def value(self, path: Path) -> _Scan:
        self._skip("\n")
        opening = self._peek()
        if opening not in ("[", "{"):
            while self._peek() not in (",", "]", "}", "\n", ""):
                self._tokens.pop()
            return self
        self._tokens.pop()
        index = 0
        while self._skip("\n,") not in ("]", "}", ""):
            if opening == "{":
                self._pair(path)
            else:
                self.lines[*path, index] = self._tokens[-1][1]
                self.value((*path, index))
                index += 1
        self._tokens.pop()
        return self

    def _header(self) -> Path:
        line = self._tokens.pop()[1]
        many = self._peek() == "["
        path: Path = ()
        names = self._names("]")
        for place, name in enumerate(names, 1):
            path = (*path, name)
            if many and place == len(names):
                self._counts[path] = self._counts.get(path, 0) + 1
            self.lines.setdefault(path, line)
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        self.lines[path] = line
        self._skip("]")
        return path

    def _pair(self, path: Path) -> None:
        line = self._tokens[-1][1]
        for name in self._names("=:"):
            path = (*path, name)
            self.lines.setdefault(path, line)
        self.value(path)

    def _names(self, ends: str) -> list[str]:
        """The names of a dotted key; one with an escape is none that is looked for."""
        words = ""
        while self._peek() not in ends:
            words += self._tokens.pop()[0]
        self._tokens.pop()
        return [name.strip("\"'") for name in _KEY.findall(words.lstrip("["))]

    def _peek(self) -> str:
        return self._tokens[-1][0] if self._tokens else ""

    def _skip(self, tokens: str) -> str:
        """Pass over such tokens; the one that follows, empty at the end."""
        while self._tokens and self._peek() in tokens:
            self._tokens.pop()
        return self._peek()
