"""The same command for each of several participants: in order, streamed, all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from gamify_cli.backend import Answer, Body, Change, Each, Write, attempt, only, or_failure
from gamify_cli.context import Context
from gamify_cli.errors import (
    Conflict,
    GamifyError,
    Interrupted,
    NotFound,
    Partial,
    Rejected,
    StoreError,
    Unavailable,
    UsageError,
)
from gamify_cli.ids import Ids

Make = Callable[[str, Write], Answer]
"""Changes one participant."""

Tell = Callable[[str], object]
"""Says more of a participant that was changed."""


def _nothing(_one: str) -> None:
    """There is no more to say."""


def show_each(
    context: Context,
    ids: Ids,
    read: Callable[[Sequence[str]], Each],
    present: Sequence[str] = (),
) -> None:
    """Show what `read` answers for each id.

    Raises the error itself where one participant was asked for, Partial where one of several
    failed; `present` names the members of a partial shape.
    """
    batches = (read(batch) for batch in ids.batches())
    if not ids.many:
        context.output.one(only(next(batches)), present=present)
        return
    _Tally(context, ids).show(batches, present)


def write_each(
    context: Context,
    ids: Ids,
    verb: str,
    write: Make,
    *,
    confirm: bool = False,
    noun: str = "participant",
    in_turn: bool = False,
    tell: Tell = _nothing,
) -> None:
    """Change each participant, or whatever `noun` names, and show its answer.

    Several are counted and confirmed first, one only if `confirm` is set. `in_turn` as in
    `backend.Change`. Raises as `show_each` does, and Declined.
    """
    if not ids.many:
        ((one,),) = ids.batches()
        if confirm:
            context.confirm(f'{verb} {noun} "{one}"')
        write_one(context, one, write, tell)
        return
    if context.options.yes and ids.from_stdin:
        # Nobody waits for the count, so they are taken as they come.
        context.confirm(f"{verb} {noun}s")
    elif not context.options.dry_run:
        count = ids.count()
        if count > 1 or (confirm and count):
            many = noun if count == 1 else f"{noun}s"
            context.confirm(f"{verb} {count:,} {many}")
    is_theirs = noun == "participant"

    def change(one: str, how: Write) -> Change[Answer]:
        return Change(partial(write, one, how), one if is_theirs else None, in_turn)

    batches = _written(context, ids, change, partial(_shown, context, tell))
    _Tally(context, ids, finishing=context.finishing).show(batches)


def each_of(ask: Callable[[str], Body]) -> Callable[[Sequence[str]], Each]:
    """A question about one participant as one about a batch: what fails is an answer, too."""
    return lambda batch: map(or_failure(ask), batch)


def read_one(read: Callable[[Sequence[str]], Each], one: str) -> Body:
    """What `read` answers for one id; raises its error."""
    return only(read([one]))


def write_one(context: Context, one: str, write: Make, tell: Tell = _nothing) -> None:
    """Change one participant and show its answer."""
    answer = write(one, context.write())
    tell(one)
    context.output.one(_told(context, one, answer))


def _told(context: Context, one: str, answer: Answer) -> Body:
    """Tell what came of a change, and remember how it is taken back; returns what to show."""
    if answer.can_be_undone and not context.options.dry_run:
        made = answer.operation or context.write().operation.operation
        context.messages.undoable = made
    return context.show_answer(one, answer)


def _written(
    context: Context,
    ids: Ids,
    change: Callable[[str, Write], Change[Answer]],
    shown: Callable[[str, Answer | GamifyError], Body | GamifyError],
) -> Iterator[Each]:
    first = 0
    for batch in ids.batches():
        writes = context.writes(range(first, first + len(batch)))
        changes = [*map(change, batch, writes)]
        ended = (
            map(attempt, changes)
            if context.options.dry_run
            else context.backend.together(changes, context.output.hold)
        )
        yield map(shown, batch, ended)
        first += len(batch)


def _shown(context: Context, tell: Tell, one: str, end: Answer | GamifyError) -> Body | GamifyError:
    """What to show of one; raises what concerns all of them."""
    if isinstance(end, (UsageError, NotFound, Conflict, Rejected)):
        return end
    if isinstance(end, GamifyError):
        raise end
    tell(one)
    return _told(context, one, end)


class _Tally:
    """Counts what was done and what failed, and reports each failure as it comes."""

    def __init__(self, context: Context, ids: Ids, finishing: str | None = None) -> None:
        """`ids` are those that were asked for: each result is that of one.

        `finishing` is what to do where more may be done than was answered.
        """
        self._context = context
        self._ids = ids
        self._finishing = finishing
        self._done = 0
        self._failed = 0

    def show(self, batches: Iterator[Each], present: Sequence[str] = ()) -> None:
        """Write the bodies to stdout; raises Partial if any failed, Interrupted on Ctrl-C."""
        try:
            self._context.output.many(self._bodies(batches), present=present)
        except KeyboardInterrupt:
            told = f"interrupted: {self._so_far()}"
            raise Interrupted(told, hint=self._finishing) from None
        except (Unavailable, StoreError) as error:
            error.message += f" ({self._so_far()})"
            raise
        if not (self._done or self._failed):
            self._context.note("stdin held no ids")
        if self._failed:
            raise Partial(f"{self._failed:,} of {self._done + self._failed:,} failed")

    def _so_far(self) -> str:
        return f"{self._done:,} done, {self._failed:,} failed"

    def _fail(self, error: GamifyError) -> None:
        # Other errors name the id itself.
        if isinstance(error, UsageError):
            place = self._ids.place(self._done + self._failed)
            error.message = f"{place}: {error.message}" if place else error.message
        self._failed += 1
        self._context.messages.error(error)

    def _bodies(self, batches: Iterator[Each]) -> Iterator[Body]:
        """The bodies alone; each batch leaves for stdout before the next is waited for."""
        with self._context.watching("working") as bar:
            for batch in batches:
                for result in batch:
                    yield from self._body(result)
                    done = self._done + self._failed
                    bar.at(done, self._ids.share(done))
                self._context.output.end_group()

    def _body(self, result: Body | GamifyError) -> tuple[Body, ...]:
        """The body to show of a result, none for an error alone."""
        if isinstance(result, GamifyError):
            self._fail(result)
            return ()
        self._done += 1
        return (result,)
