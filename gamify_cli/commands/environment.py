"""The environment variables that people set, each with what it does."""

from __future__ import annotations

ENVIRONMENT = {
    "GAMIFY_PROFILE": "Connection profile to use, unless --profile or --store is given.",
    "GAMIFY_STORE": "Store to use, a path or a postgresql:// URL, unless --profile or --store "
    "is given. "
    "GAMIFY_PROFILE and GAMIFY_STORE exclude each other.",
    "GAMIFY_OUTPUT": "Output format, as --output takes it.",
    "GAMIFY_NO_INPUT": "If not empty, never prompt, as with --no-input.",
    "GAMIFY_TIMEOUT": "Longest wait in seconds, as --timeout takes it.",
    "GAMIFY_CONFIG": "Path of the configuration file.",
    "GAMIFY_API_KEY": "Key to the server of a profile that names no other source for it.",
    "HTTPS_PROXY": "Proxy to servers; ALL_PROXY and NO_PROXY count, too, and none of them for "
    "a server on the same machine.",
    "PGPASSWORD": "Password for a PostgreSQL store; PGPASSFILE and the other variables of libpq "
    "count, too.",
    "SSL_CERT_FILE": "Certificates by which servers are trusted, instead of those of the system; "
    "without it CURL_CA_BUNDLE.",
    "NO_COLOR": "If not empty, no colors.",
    "FORCE_COLOR": "If not empty, colors even where the output is not a terminal.",
}
