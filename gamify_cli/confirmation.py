"""Confirmations: which write needs one, who gives it, and what is told before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gamify_cli.errors import Declined
from gamify_cli.render.prompt import ask, ask_text
from gamify_cli.settings import Options


class Confirmations:
    """Those of one command line, each asked for once. A rehearsal needs none.

    `note` tells what is about to be written to; `argv` tells whether stdin holds data, where
    the person is asked on the controlling terminal.
    """

    def __init__(self, options: Options, note: Callable[[str], None], argv: Sequence[str]) -> None:
        self._options = options
        self._note = note
        self._stdin_taken = any(word == "-" or word.endswith("=-") for word in argv)
        self._named: set[str] = set()

    def require_yes(self, question: str, where: str, profile: str | None) -> None:
        """Ask y/N, unless --yes or --confirm with the profile's name answers.

        Raises Declined if it is refused, or nobody can answer.
        """
        if self._is_given(question, where, profile):
            return
        asked = f"{question[0].upper()}{question[1:]} in {where}?"
        answer = None if self._options.no_input else ask(asked, self._stdin_taken)
        if answer is None:
            raise _unanswered(question)
        if not answer:
            raise Declined("declined; nothing was done")

    def require_typed(
        self, word: str, question: str, where: str, profile: str | None, why: str
    ) -> None:
        """Have a word typed for a grave change, unless --yes gives it; `why` says what is grave.

        Raises Declined for another word, and where nobody can answer.
        """
        if self._is_given(question, where, profile):
            return
        asked = f"{question[0].upper()}{question[1:]} in {where}? {why}: type {word} to go on:"
        given = None if self._options.no_input else ask_text(asked, self._stdin_taken)
        if given is None:
            raise _unanswered(question)
        if given != word:
            raise Declined(f"that is not {word}; nothing was done")

    def _is_given(self, question: str, where: str, profile: str | None) -> bool:
        """Whether nobody has to be asked; raises Declined for --confirm of another profile."""
        options = self._options
        if options.dry_run:
            return True
        self.require_no_other(profile, where)
        if options.yes or options.confirm is not None:
            self._note(f"{question} in {where}")
            return True
        return False

    def require_no_other(self, profile: str | None, where: str) -> None:
        """Raise Declined if --confirm names another profile than the one that is written to."""
        given = self._options.confirm
        if given is not None and given != profile:
            raise Declined(
                f"--confirm {given} is not {where}; nothing was done",
                hint=f"choose it by -p {given}, or leave --confirm out",
            )

    def require_name(self, profile: str, where: str, question: str | None = None) -> None:
        """Have the name of a protected profile typed, unless --confirm gives it.

        `question` is what the write is, if that is not plain. Raises Declined for another
        name, and where nobody can answer.
        """
        options = self._options
        if options.dry_run or profile in self._named:
            return
        told = f"{question} in {where}" if question else f"write to {where}"
        given = options.confirm
        if given is None and not options.no_input:
            asked = f"{told[0].upper()}{told[1:]}? It is protected: type {profile} to go on:"
            given = ask_text(asked, self._stdin_taken)
        elif given == profile:
            self._note(f"{told}, which is protected")
        if given != profile:
            raise Declined(
                f"profile {profile} is protected; nothing was done",
                hint=f"add --confirm {profile} if you mean it",
            )
        self._named.add(profile)


def _unanswered(question: str) -> Declined:
    return Declined(
        f"{question} needs a confirmation, and nobody can give it",
        hint="add --yes if you mean it",
    )
