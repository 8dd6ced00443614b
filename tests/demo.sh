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
