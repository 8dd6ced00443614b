"""Runs the reference apps on the server that gamify runs on, with the same options."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn


def serve(app: Any) -> None:
    """Serve on a free port of loopback until told to stop; the URL goes to stdout."""
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        limit_concurrency=1_000,
    )
    with socket.create_server(("127.0.0.1", 0), backlog=1_024) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1/gamify", flush=True)
        uvicorn.Server(config).run(sockets=[listener])
