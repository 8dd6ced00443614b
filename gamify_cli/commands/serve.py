"""gamify serve: the HTTP API over a store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gamify_cli import opening
from gamify_cli.commands.base import noun, verb
from gamify_cli.config import reading
from gamify_cli.context import Context
from gamify_cli.errors import UsageError

_CREATE = "create one: gamify keys create --name NAME"

app = noun("serve", "Serve the HTTP API over a store.")


@verb(app)
def serve(
    ctx: typer.Context,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen, 127.0.0.1 by default.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, max=65_535, help="The port, 8080 by default; 0 takes a free one."
        ),
    ] = 8080,
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The certificate, in PEM.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its private key, if not in the same file.")
    ] = None,
    behind_tls_proxy: Annotated[
        bool, typer.Option("--behind-tls-proxy", help="A proxy in front encrypts; listen plainly.")
    ] = False,
    access_log: Annotated[
        bool,
        typer.Option("--access-log/--no-access-log", help="A line of JSON a request on stderr."),
    ] = True,
) -> None:
    """Serve the HTTP API over a store.

    It stops on Ctrl-C or SIGTERM, once what was begun is done. Needs a key (gamify keys
    create), and for other addresses than those of this machine a certificate, or a proxy
    that has one. /healthz, /readyz and /metrics tell how it does, /openapi.json what it
    answers.

    Examples:
        gamify serve
        gamify serve --port 9000 --no-access-log
        gamify serve --host 0.0.0.0 --behind-tls-proxy

    Exit codes: 0, 2, 3, 7, 8.
    """
    context: Context = ctx.obj
    if not host:
        raise UsageError("--host is empty", hint="every address is 0.0.0.0, or :: for IPv6")
    if tls_key and not tls_cert:
        raise UsageError("--tls-key needs --tls-cert")
    if not (tls_cert or behind_tls_proxy or reading.is_loopback(host)):
        raise UsageError(
            f"keys would reach {host} unencrypted",
            hint="give --tls-cert, or --behind-tls-proxy if a proxy in front encrypts",
        )
    if not any(key["status"] == "active" for key in context.local.keys.list()):
        raise UsageError("nobody could call: there is no active key", hint=_CREATE)
    context.local.close()
    opening.serve(
        context.target,
        host=host,
        port=port,
        timeout=context.options.timeout,
        is_proxied=behind_tls_proxy,
        log=access_log,
        tell=context.note,
        certificate=tls_cert,
        private_key=tls_key,
    )
