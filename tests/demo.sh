#!/bin/sh
# The main job on the documented example, in a store that is thrown away: on the store itself,
# then on a server that shares it.
set -eu
folder=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2> /dev/null || :
    rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
unset GAMIFY_PROFILE
export GAMIFY_STORE="$folder/demo.db" GAMIFY_CONFIG="$folder/config.toml"

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

# A line of shell and what it prints, with the port, the id and the folder that the README has.
# A second argument runs in its place.
typed() {
    { printf '\n$ %s\n' "$1" && eval "${2:-$1}"; } > said 2>&1 || { cat said && exit 1; }
    sed -e 's|127\.0\.0\.1:[0-9]*|127.0.0.1:8080|' \
        -e 's|key_[0-9a-f]\{12\}|key_5d2c81f09a3e|' -e "s|$folder/||" said
}

# On a free port; returns once the server has told where it listens, or why it does not.
serve() {
    mkfifo log
    gamify serve --port 0 --no-access-log 2> log &
    server=$!
    exec 3< log
    read -r url <&3
    printf '%s\n' "$url"
    case $url in http*) ;; *) return 1 ;; esac
}

cat > "$folder/request.json" << 'JSON'
{
  "participant_id": "user_123",
  "display_name": "Jane Doe",
  "avatar_url": "https://example.com/avatar.png",
  "attributes": { "plan": "premium", "signup_source": "referral" }
}
JSON
cat > "$folder/update.json" << 'JSON'
{
  "display_name": "Jane Smith",
  "attributes": { "plan": "enterprise", "team_id": "team_42" }
}
JSON
cd "$folder"
show gamify participants create --input request.json
show gamify participants create --input request.json -o ids
show gamify participants update user_123 --input update.json --fields display_name,attributes
show gamify participants get user_123 -o table
show gamify participants state user_123 -o jsonl
show gamify participants state user_123 --include points,tier,badges

typed 'gamify keys create --name laptop --fields key -o tsv | tail -n 1 > laptop.key'
typed 'gamify serve &' serve
typed "gamify profiles add team --url $url --key-source file --key-stdin < laptop.key"
show gamify -p team participants create --input request.json -o ids
show gamify -p team participants update user_123 --input update.json --fields attributes
show gamify -p team participants get user_123 -o table
show gamify -p team participants state user_123 -o jsonl
