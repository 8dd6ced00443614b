"""What every command shares: the global options, before and after it, its help, its start."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command_from_info

from gamify_cli.domain.shapes import Shape
from gamify_cli.errors import UsageError

if TYPE_CHECKING:
    from gamify_cli.context import Context

_Function = TypeVar("_Function", bound=Callable[..., None])

SETTINGS = {"help_option_names": ["-h", "--help"]}
_MISSPELT = "misspelt"


class Line:
    """One command line: its words, the global options given in it by name, what it opened."""

    def __init__(self, argv: Sequence[str]) -> None:
        self.argv = argv
        self.given: dict[str, Any] = {}
        self.context: Context | None = None


def _keep(ctx: typer.Context, param: TyperOption, value: Any) -> None:
    """Remember a global option that was given, at whichever command it stood; the last one wins."""
    if value not in (None, False):
        ctx.obj.given[param.name] = value


def _option(names: str, help_: str, metavar: str | None = None) -> TyperOption:
    """A global option: a flag unless it has a metavar."""
    return TyperOption(
        param_decls=names.split(),
        help=help_,
        metavar=metavar,
        is_flag=metavar is None,
        type=None if metavar is None else str,
        default=False if metavar is None else None,
        expose_value=False,
        is_eager=True,
        callback=_keep,
    )


GLOBAL_OPTIONS = [
    _option("-p --profile", "Connection profile to use [GAMIFY_PROFILE].", "NAME"),
    _option("--store", "Store without a profile: a path or URL [GAMIFY_STORE].", "STORE"),
    _option("-o --output", "auto, table, json, jsonl, csv, tsv or ids [GAMIFY_OUTPUT].", "FORMAT"),
    _option("--json", "The same as -o json."),
    _option("--fields", "Choose and order the fields.", "A,B.C"),
    _option("--jq", "Filter the JSON as jq does; texts come without quotes.", "EXPR"),
    _option("--at", "Read as of a past TIME, or forecast a future one.", "TIME"),
    _option("--known-at", "Read by what was recorded up to TIME.", "TIME"),
    _option("-n --dry-run", "Show what a write would do; write nothing."),
    _option("-y --yes", "Answer yes to a confirmation."),
    _option("--confirm", "Confirm a write on the protected profile NAME.", "NAME"),
    _option("--no-input", "Never prompt [GAMIFY_NO_INPUT]."),
    _option(
        "--idempotency-key", "Answer a repeat of this write on this participant as before.", "KEY"
    ),
    _option("--timeout", "Longest wait, 30 by default [GAMIFY_TIMEOUT].", "SECONDS"),
    _option("--jobs", "Requests at a time to a server, 8 by default.", "N"),
    _option("--color", "auto, always or never [NO_COLOR, FORCE_COLOR].", "WHEN"),
    _option("-q --quiet", "Data and errors alone."),
    _option("-v --verbose", "Tell the store, the operation and requests on stderr."),
    _option("--debug", "Show the traceback of an error."),
]


class _GlobalOptions:
    """Takes the global options besides a command's own, and prints our help."""

    params: list[Any]
    context_settings: MutableMapping[str, Any]

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.params = [*self.params, *GLOBAL_OPTIONS]
        self.context_settings = {**SETTINGS, **self.context_settings}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            rest: list[str] = super().parse_args(ctx, list(args))  # type: ignore[misc]
            return rest
        except UsageError:
            self.salvage(ctx, args)
            raise
        except typer.TyperException as error:
            self.salvage(ctx, args)
            raise _complaints().usage(error, ctx) from error

    def make_parser(self, ctx: Any) -> Any:
        """Typer's parser, which takes no option twice, and -profile not for -p rofile."""
        parser = super().make_parser(ctx)  # type: ignore[misc]
        parse = parser.parse_args
        for option in self.params:
            if len(option.opts) > 1 and not option.is_flag:
                name = max(option.opts, key=len)
                parser.add_option(option, [name[1:]], _MISSPELT, "store_const", const=name)

        def parse_strictly(args: list[str]) -> Any:
            values, _, order = parsed = parse(args)
            if not ctx.resilient_parsing:
                _check_line(values, order)
            return parsed

        parser.parse_args = parse_strictly
        return parser

    def salvage(self, ctx: Any, args: list[str]) -> None:
        """Take what global options there are on a faulty line: --json shapes its error, too."""
        ctx.resilient_parsing = True
        parser = self.make_parser(ctx)
        parser.ignore_unknown_options = parser.allow_interspersed_args = True
        values, _, _ = parser.parse_args(list(args))
        for option in GLOBAL_OPTIONS:
            _keep(ctx, option, values.get(option.name))

    def get_help(self, ctx: Any) -> str:
        from gamify_cli.commands.pages import page

        return page(self, ctx)


def _check_line(values: Mapping[str, Any], order: Sequence[Any]) -> None:
    """Raise UsageError for options that were given twice, or with one dash for two."""
    option = values.get(_MISSPELT)
    if option:
        raise _complaints().misspelt(option[1:], option)
    if len(set(order)) < len(order):
        fault = _complaints().twice(order)
        if fault:
            raise fault


def _complaints() -> Any:
    from gamify_cli.commands import complaints

    return complaints


class Verb(_GlobalOptions, TyperCommand):
    """A command that does something."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.context_settings["allow_extra_args"] = True

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise _complaints().too_many(ctx, rest)
        return rest

    def invoke(self, ctx: Any) -> Any:
        from gamify_cli.context import Context

        line: Line = ctx.obj
        ctx.obj = line.context = Context(line.given, line.argv)
        shape = shape_of(self, ctx.params)
        line.context.begin(shape, any_time=getattr(self.callback, "any_time", False))
        return super().invoke(ctx)


class Group(_GlobalOptions, TyperGroup):
    """A command that only has commands below it; bare, it prints its help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        if not ctx._protected_args:
            typer.echo(self.get_help(ctx))
            raise typer.Exit()
        return rest

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if args[0] not in self.commands:
            self.salvage(ctx, args)
            raise _complaints().no_such_command(ctx, args[0], self.commands)
        return super().resolve_command(ctx, args)


class _Verbs(Mapping[str, Any]):
    """The verbs of a noun; each is made a command when it is first asked for."""

    def __init__(self, app: typer.Typer) -> None:
        self._infos = {str(info.name): info for info in app.registered_commands}
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            info = self._infos[name]
            if isinstance(info.callback, _Elsewhere):
                info.callback = info.callback.load()
            self._made[name] = get_command_from_info(
                info, pretty_exceptions_short=False, rich_markup_mode=None
            )
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._infos)

    def __len__(self) -> int:
        return len(self._infos)


def noun(name: str, summary: str) -> typer.Typer:
    """The Typer of a noun, for its module to hang verbs on."""
    return typer.Typer(name=name, help=summary)


def group_of(app: typer.Typer) -> Group:
    """A noun as a command, with its verbs below it."""
    info = app.info
    return Group(name=info.name, help=info.help, commands=_Verbs(app), rich_markup_mode=None)


def leaf_of(app: typer.Typer) -> Any:
    """The one verb of a noun that has no other."""
    (leaf,) = _Verbs(app).values()
    return leaf


def verb(
    app: typer.Typer,
    name: str | None = None,
    *,
    shows: Shape | Mapping[str, Shape] | None = None,
    any_time: bool = False,
    writes: bool = False,
) -> Callable[[_Function], _Function]:
    """Register a function as a command of `app` that shows bodies of the shape `shows`.

    Of several shapes, it shows the one named by a flag that is set or by its option --shape,
    the first otherwise.
    `any_time` if it reads as of --at and --known-at, `writes` if it changes what --dry-run leaves
    alone.
    """

    def register(function: _Function) -> _Function:
        described(shows=shows, any_time=any_time, writes=writes)(function)
        registered: _Function = app.command(name or function.__name__, cls=Verb)(function)
        return registered

    return register


def described(
    *,
    shows: Shape | Mapping[str, Shape] | None = None,
    any_time: bool = False,
    writes: bool = False,
) -> Callable[[_Function], _Function]:
    """Say of a function what `verb` does, without making it a command yet."""

    def describe(function: _Function) -> _Function:
        function.shows = shows  # type: ignore[attr-defined]
        function.any_time = any_time  # type: ignore[attr-defined]
        function.writes = writes  # type: ignore[attr-defined]
        return function

    return describe


class _Elsewhere:
    """A function in another module, which nothing loads before its command is asked for."""

    def __init__(self, module: str, function: str) -> None:
        self._module, self._function = module, function

    def __call__(self) -> None:
        """Typer takes what can be called, and calls what was loaded."""

    def load(self) -> Callable[..., None]:
        """The function, which is `described`."""
        loaded: Callable[..., None] = getattr(import_module(self._module), self._function)
        return loaded


def later(app: typer.Typer, name: str, module: str, function: str) -> None:
    """Register a verb whose function is in another module of the commands."""
    app.command(name, cls=Verb)(_Elsewhere(f"{__package__}.{module}", function))


def shape_of(command: Any, values: Mapping[str, Any] = MappingProxyType({})) -> Shape | None:
    """The shape that a command shows with these values of its options, if it shows any."""
    shows: Shape | Mapping[str, Shape] | None = getattr(command.callback, "shows", None)
    if shows is None or isinstance(shows, Shape):
        return shows
    chosen = [*(name for name, value in values.items() if value is True), values.get("shape")]
    default = next(iter(shows.values()))
    return next((shape for name in chosen if (shape := shows.get(str(name)))), default)
