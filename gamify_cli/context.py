"""The composition root: from what the user chose to a backend, an output and messages.

A command gets one Context and needs nothing else. What a command does not use is neither
imported nor opened.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gamify_cli import opening, settings
from gamify_cli.backend import Answer, Body, Operation, When, Write
from gamify_cli.config import reading
from gamify_cli.config.reading import Config, Target
from gamify_cli.confirmation import Confirmations
from gamify_cli.domain import instants, vocabulary
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.shapes import Shape
from gamify_cli.errors import GamifyError, Unavailable, UsageError
from gamify_cli.operation import new_operation
from gamify_cli.render import progress
from gamify_cli.render.changes import describe
from gamify_cli.render.messages import Messages
from gamify_cli.render.output import Output
from gamify_cli.render.prompt import ask_hidden

if TYPE_CHECKING:
    from gamify_cli.backend.whole import Backend
    from gamify_cli.config.configuration import Configuration
    from gamify_cli.config.profiles import Profiles
    from gamify_cli.domain.findings import Finding
    from gamify_cli.remote.backend import RemoteBackend
    from gamify_cli.store.local import LocalStore


class Context:
    """Everything a command needs, opened when it is first used.

    `given` are the global options of the command line by name, `argv` is all of it.
    """

    def __init__(self, given: Mapping[str, Any], argv: Sequence[str]) -> None:
        self._given = given
        self._argv = argv
        self.messages = Messages()

    def begin(self, shape: Shape | None, *, any_time: bool) -> None:
        """Check the global options before the command runs; raises UsageError.

        `any_time` if the command can read as of another time than now.
        """
        defaults = settings.defaults(self._given, os.environ, lambda: self.config)
        self.options = settings.Options.read(self._given, os.environ, defaults)
        if not any_time and (option := self.options.past):
            raise UsageError(
                f"{option} does not go with this command", hint="it works on the present alone"
            )
        self.messages.quiet, self.messages.verbose = self.options.quiet, self.options.verbose
        self.messages.as_json = settings.output(self._given, os.environ) in ("json", "jsonl")
        options = self.options
        if shape:
            self.output = Output(shape, options.output, options.fields, options.color, options.jq)
        elif options.fields or options.jq is not None:
            option = "--fields" if options.fields else "--jq"
            raise UsageError(f"{option} does not go with this command", hint="it shows no data")

    @property
    def given(self) -> Mapping[str, Any]:
        """The global options of the command line by name."""
        return self._given

    @property
    def chosen_profile(self) -> str | None:
        """The profile that an option or the environment names, if one does; raises UsageError."""
        return settings.chosen(self._given, os.environ).profile

    def choose_profile(self, name: str) -> None:
        """Work on a profile that the command itself names, whatever the global options say."""
        self._given = {**self._given, "profile": name, "store": None}

    @cached_property
    def config(self) -> Config:
        """What config.toml holds; raises UsageError for one with a fault."""
        return reading.read(os.environ)

    @cached_property
    def profiles(self) -> Profiles:
        """The connection profiles."""
        from gamify_cli.config.profiles import Profiles

        return Profiles(os.environ, self.options.timeout)

    @cached_property
    def configuration(self) -> Configuration:
        """What is set, by what and where."""
        from gamify_cli.config.configuration import Configuration

        return Configuration(self._given, os.environ, self.options.timeout)

    @cached_property
    def target(self) -> Target:
        """What the command works on."""
        target = settings.target(self._given, os.environ, lambda: self.config)
        self.messages.place, self.messages.profile = target.place, target.profile
        if self.options.verbose:
            self.messages.note(f"{'server' if target.url else 'store'}: {target.address}")
        return target

    def examine(self, *, every_profile: bool) -> Iterator[tuple[str | None, Finding]]:
        """What checks of this machine and of the target find, with the profile that each is of."""
        from gamify_cli.doctor import examine

        target = None if every_profile else lambda: self.target
        return examine(os.environ, target, self.options.timeout)

    @property
    def when(self) -> When:
        """The times given by --at and --known-at; raises UsageError."""
        return When(self.bound(self.options.at), self.bound(self.options.known_at))

    def instant(self, text: str | None) -> Instant | None:
        """A time as it was written, by the backend's clock; None stays. Raises UsageError."""
        return None if text is None else instants.parse(text, self.backend.now())

    def bound(self, text: str | None) -> Instant | None:
        """The same for the end of a range."""
        return None if text is None else instants.parse_bound(text, self.backend.now())

    @cached_property
    def backend(self) -> Backend:
        """The backend of the target."""
        return self.remote if self.target.url else self.local

    @cached_property
    def remote(self) -> RemoteBackend:
        """The target as a server."""
        from gamify_cli.remote.backend import RemoteBackend
        from gamify_cli.remote.client import Server

        target, options = self.target, self.options
        server = Server(
            url=target.address,
            key=self._key,
            timeout=options.timeout,
            jobs=options.jobs,
            is_local=target.is_loopback,
            environ=os.environ,
            finishing=self._finishing,
            log=self.messages.note if options.verbose else None,
        )
        return RemoteBackend(server, test_now=settings.test_now(os.environ))

    @cached_property
    def local(self) -> LocalStore:
        """The target as a local store; raises UsageError if it is a server."""
        return self.open_store(self.options.timeout)

    def open_store(self, timeout: float) -> LocalStore:
        """The target's store once more; whoever calls closes it. Raises UsageError."""
        return opening.open_store(self.target, timeout)

    def upgrade_store(self, watch: Callable[[int, float], None]) -> Body:
        """Migrate the target's store, which `local` would refuse to open while it is old.

        Raises Declined, too.
        """
        write, timeout = self.write(), self.options.timeout
        return opening.upgrade_store(self.target, write, timeout=timeout, watch=watch)

    @cached_property
    def _operation(self) -> Operation:
        operation = new_operation(self._argv)
        if self.options.verbose and not self.target.url:
            self.messages.note(f"operation: {operation.operation}")
        return operation

    @cached_property
    def idempotency_key(self) -> str | None:
        """The key given; only a file is written to without one, else one is made up."""
        given = self.options.idempotency_key
        return os.urandom(16).hex() if given is None and self.target.store is None else given

    def _key(self) -> str:
        """The API key of the server."""
        from gamify_cli import credentials

        target = self.target
        return credentials.key_of(str(target.profile), target.key, target.address, os.environ)

    def _finishing(self) -> str:
        """This command line, so that a write which was made already is answered as it was."""
        words = list(self._argv)
        if self.options.idempotency_key is None:
            words[1:1] = ["--idempotency-key", str(self.idempotency_key)]
        return f"to finish it safely, run: {shlex.join(words)}"

    @property
    def finishing(self) -> str | None:
        """How to finish several writes that were interrupted, if some may be made unheard."""
        is_file = self.target.store is not None
        return None if is_file or self.options.dry_run else self._finishing()

    def explain(self, error: GamifyError) -> None:
        """Say how to finish what a database may have done, where nothing else says what to do."""
        is_write = "idempotency_key" in self.__dict__
        if isinstance(error, Unavailable) and not error.hint and is_write and self.target.database:
            error.hint = self._finishing()

    def close(self) -> None:
        """Close what was opened."""
        self.messages.clear()
        self.messages.tell_undo()
        if "local" in self.__dict__:
            self.local.close()
        if "remote" in self.__dict__:
            self.remote.close()

    def watching(self, what: str) -> AbstractContextManager[progress.Bar]:
        """A bar on stderr while something is done, if it takes long and a person looks on."""
        return progress.watching(what, self.messages, self.options.color, self.output.format)

    def note(self, text: str | None) -> None:
        """Say something on stderr, if there is anything to say."""
        if text:
            self.messages.note(text)

    def write(self, item: int | None = None) -> Write:
        """How to make a change; `item` is its place among several, from 0."""
        self.require_confirmed()
        key = self.idempotency_key
        if item is not None:
            key = vocabulary.item_key(key, item)
        operation = self._operation._replace(shared=item is not None)
        return Write(operation, key, self.options.dry_run)

    def write_to_confirm(self) -> Write:
        """How to make a change that is confirmed when more is known of it."""
        return Write(self._operation, dry_run=self.options.dry_run)

    def writes(self, items: range) -> list[Write]:
        """How to make some of several changes, by their places among them."""
        first, key = self.write(items.start), self.idempotency_key
        if key is None:
            return [first] * len(items)
        keys = (vocabulary.item_key(key, item) for item in items)
        return [first._replace(idempotency_key=one) for one in keys]

    def settling(self) -> Write:
        """How to record what ran out, where a read over many rows needs it."""
        return Write(self._operation._replace(shared=True))

    @cached_property
    def _confirmations(self) -> Confirmations:
        return Confirmations(self.options, self.messages.note, self._argv)

    def require_confirmed(self) -> None:
        """Raise Declined for a write on a protected profile that nobody names, or on another."""
        target = self.target
        if target.protected:
            self.require_named(str(target.profile), self._where)
        else:
            self._confirmations.require_no_other(target.profile, self._where)

    def require_named(self, profile: str, where: str, question: str | None = None) -> None:
        """Raise Declined unless a protected profile is named, or nothing is written.

        `where` is the profile, or the file that it stands in; `question` what is done there.
        """
        self._confirmations.require_name(profile, where, question)

    @property
    def _where(self) -> str:
        target = self.target
        return f"{target.place} ({target.address})" if target.profile else target.place

    def ask_hidden(self, question: str) -> str | None:
        """A secret that is typed at the terminal; None where nobody can answer."""
        return None if self.options.no_input else ask_hidden(question)

    def confirm(self, question: str) -> None:
        """Ask y/N, naming the target, or for the name of one that is protected.

        Raises Declined if it is refused or nobody can answer.
        """
        target = self.target
        if target.protected:
            self._confirmations.require_name(str(target.profile), self._where, question)
        else:
            self._confirmations.require_yes(question, self._where, target.profile)

    def confirm_typed(self, word: str, question: str, why: str = "It cannot be taken back") -> None:
        """Have `word` typed for a grave change, or the name of a protected profile.

        Raises Declined if another is, or nobody can answer.
        """
        target = self.target
        if target.protected:
            self._confirmations.require_name(str(target.profile), self._where, question)
        else:
            self._confirmations.require_typed(word, question, self._where, target.profile, why)

    def confirm_in(self, where: str, question: str, profile: str) -> None:
        """The same for what is written elsewhere, but is about a profile."""
        self._confirmations.require_yes(question, where, profile)

    def show_answer(self, participant_id: str, answer: Answer) -> Body:
        """Tell on stderr what came of a change, and return what belongs on stdout."""
        for line in describe(participant_id, answer, dry_run=self.options.dry_run):
            self.note(line)
        return answer.body
