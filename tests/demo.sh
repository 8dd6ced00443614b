#!/bin/sh
# The main job on the documented example, in a store that is thrown away.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export GAMIFY_STORE="$folder/demo.db"

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

cat > "$folder/request.json" << 'JSON'
{
  "participant_id": "user_123",
  "display_name": "Jane Doe",
  "avatar_url": "https://example.com/avatar.png",
  "attributes": { "plan": "premium", "signup_source": "referral" }
}
JSON
cd "$folder"
show gamify participants create --input request.json
show gamify participants update user_123 --display-name "Jane Smith" --attr plan=enterprise -q -o jsonl
show gamify participants get user_123 -o table
show gamify participants state user_123 --include points,tier,badges
