"""What is set, by what, and where; and config.toml as a whole, changed and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit

from gamify_cli import settings
from gamify_cli.backend import Body
from gamify_cli.config import editing, editor, names, reading
from gamify_cli.config.checking import check_key
from gamify_cli.config.defaults import DEFAULTS, text
from gamify_cli.config.names import DEFAULT, Name
from gamify_cli.config.reading import DEFAULT_PROFILE, Config
from gamify_cli.domain import program_lines
from gamify_cli.errors import UsageError
from gamify_cli.settings import Source


class Change(NamedTuple):
    """A value that was set or taken out, as text before and after, with what is in force then.

    `shadow` says what else wins over config.toml, if anything does.
    """

    body: Body
    before: str
    after: str
    shadow: str | None


class Configuration:
    """What commands go by: `given` on the command line, in the environment, in config.toml.

    All raise UsageError for a file that cannot be read or written, those that edit also
    Unavailable where another process holds it for `timeout` seconds.
    """

    def __init__(
        self, given: Mapping[str, Any], environ: Mapping[str, str], timeout: float
    ) -> None:
        self._given = given
        self._environ = environ
        self._timeout = timeout

    @property
    def path(self) -> Path:
        """Where config.toml is, whether it exists or not."""
        return reading.config_path(self._environ)

    def list(self) -> Iterator[Body]:
        """A row {key, value, origin, place} for everything that is set or built in."""
        return self._view().rows()

    def get(self, key: str) -> Body:
        """One such row; raises UnknownProfile, too."""
        view = self._view()
        return view.row(names.named(key, view.config))

    def shadows(self) -> Iterator[str]:
        """What config.toml says in vain, a line each."""
        view = self._view()
        for name in (DEFAULT, *DEFAULTS):
            if (shadow := view.shadow(Name(name, (name,)))) is not None:
                yield shadow

    def protected_profile(self, key: str) -> str | None:
        """The protected profile that a name is about, if it is about one."""
        config = reading.parse(reading.content_of(self.path) or b"", self.path)
        profile = names.named(key, config).profile
        protected = profile and config.profiles.get(profile, {}).get("protected")
        return profile if protected else None

    def set(self, key: str, value: str, *, dry_run: bool) -> Change:
        """Give a value to what `key` names; raises UnknownProfile, too."""
        with editing.edited(self.path, timeout=self._timeout, dry_run=dry_run) as draft:
            name = names.named(key, draft.config)
            fresh = names.value_of(name, value, draft.config)
            if name.within(draft.config) != fresh:
                draft.put(name.path, fresh)
            after = _checked(draft, name, self.path)
        return self._change(name, draft.config, after)

    def unset(self, key: str, *, dry_run: bool) -> Change:
        """Take out what `key` names, so that what is built in holds; raises UnknownProfile, too."""
        with editing.edited(self.path, timeout=self._timeout, dry_run=dry_run) as draft:
            name = names.named(key, draft.config)
            if name.within(draft.config) is not None:
                draft.drop(name.path)
            after = _checked(draft, name, self.path)
        return self._change(name, draft.config, after)

    def edit(self, allow: Callable[[str], None], *, dry_run: bool) -> bool:
        """Let a person edit the file; see `editor.edit`."""
        return editor.edit(self.path, self._environ, allow, timeout=self._timeout, dry_run=dry_run)

    def _view(self) -> View:
        config = reading.read(self._environ)
        return View(config, reading.content_of(config.path) or b"", self._given, self._environ)

    def _change(self, name: Name, before: Config, after: tuple[Config, bytes]) -> Change:
        view = View(*after, self._given, self._environ)
        old, new = (_told(name, config) for config in (before, view.config))
        return Change(view.row(name), old, new, view.shadow(name))


class View:
    """A config.toml as it reads beside the command line and the environment."""

    def __init__(
        self, config: Config, content: bytes, given: Mapping[str, Any], environ: Mapping[str, str]
    ) -> None:
        self.config = config
        self._lines = program_lines.of_toml(content.decode())
        self._given = given
        self._environ = environ
        self._choice = settings.chosen(given, environ)

    def rows(self) -> Iterator[Body]:
        """Every setting: what is chosen, the defaults of options, the profiles."""
        yield self.row(Name(DEFAULT, (DEFAULT,)))
        yield _row("store", self._chosen("store") or Source(None, "built-in", None))
        yield from (self.row(Name(name, (name,))) for name in DEFAULTS)
        for profile in self.config.names:
            for member in names.MEMBERS:
                row = self.row(names.of_member(profile, member))
                if row["value"] is not None:
                    yield row

    def row(self, name: Name) -> Body:
        """What is in force of one setting, and where that stands."""
        return _row(name.text, next(self._sources(name)))

    def shadow(self, name: Name) -> str | None:
        """How a value in config.toml is without effect; None where it has one, or is not there."""
        if (value := name.within(self.config)) is None:
            return None
        told = f"{name.text} = {text(value)} in {self._place(name)}"
        winner = next(self._sources(name))
        if winner.origin in ("option", "environment"):
            where = " in the environment" if winner.origin == "environment" else ""
            return f"{_spelt(winner)}{where} overrides {told}"
        if self._choice.store is not None and name.profile is None:
            return f"{self._choice.by} leaves {told} aside"
        return None

    def _sources(self, name: Name) -> Iterator[Source]:
        if name.text in DEFAULTS and name.profile is None:
            found = self.config.defaults if self._choice.store is None else {}
            for source in settings.sources(name.text, self._given, self._environ, found):
                is_ours = source.origin == "config"
                yield source._replace(place=self._place(name)) if is_ours else source
            return
        if name.path == (DEFAULT,) and (chosen := self._chosen("profile")):
            yield chosen
        if (value := name.within(self.config)) is not None:
            yield Source(value, "config", self._place(name))
        yield Source(_built_in(name, self.config), "built-in", None)

    def _chosen(self, what: str) -> Source | None:
        value, by = getattr(self._choice, what), self._choice.by
        if value is None:
            return None
        return Source(value, "option" if str(by).startswith("-") else "environment", by)

    def _place(self, name: Name) -> str:
        return f"{self.config.path}:{program_lines.nearest(self._lines, name.path)}"


def _checked(draft: editing.Draft, name: Name, path: Path) -> tuple[Config, bytes]:
    """What a changed file is going to say; raises UsageError if it would not hold together."""
    content = tomlkit.dumps(draft.document).encode()
    config = reading.parse(content, path)
    if name.profile is not None:
        try:
            check_key(config, name.profile)
        except UsageError as error:
            error.hint = f"change it as a whole: gamify profiles add {name.profile} --replace"
            raise
    return config, content


def _row(key: str, source: Source) -> Body:
    value = names.shown(source.value)
    return {"key": key, "value": value, "origin": source.origin, "place": source.place}


def _built_in(name: Name, config: Config) -> Any:
    if name.path == (DEFAULT,):
        return DEFAULT_PROFILE
    if name.profile is None:
        return DEFAULTS[name.text].builtin
    if name.path[2:] == ("protected",):
        return False
    is_local = name.path == ("profiles", DEFAULT_PROFILE, "store")
    has_url = "url" in config.profiles.get(DEFAULT_PROFILE, {})
    return reading.default_store() if is_local and not has_url else None


def _told(name: Name, config: Config) -> str:
    """A value of config.toml for people, or what holds without one."""
    value = name.within(config)
    if value is not None:
        return text(names.shown(value))
    built_in = _built_in(name, config)
    return "not set" if built_in is None else f"{text(built_in)} (built in)"


def _spelt(source: Source) -> str:
    """How it was written; a flag has no value."""
    is_flag = source.place in ("--json", "--jq", "--no-input")
    return str(source.place) if is_flag else f"{source.place}={text(names.shown(source.value))}"
