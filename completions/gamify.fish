# Completion of gamify for fish 3.
# `make generate` writes this file from the command tree; do not edit it.

# The words before the cursor without the options and their values.
function __gamify_words
    set -l valued -p --profile --store -o --output --fields --jq --at --known-at --confirm --idempotency-key --timeout --jobs --color --display-name --avatar-url --attributes --attr --input --unset-attr --clear --if-match --include --q --tier --where --seen-before --sort --limit --after --shape --type --since --until --before --from --to --format --on-error --results --reason --metadata --expires-at --occurred-at --by --timestamp --property --properties --event-name --period --ranking --version --participant --on-short --url --key-source --key-command --name --scope --expires --rate-limit --host --port --tls-cert --tls-key
    set -l skip 0
    set -l ended 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if test $ended = 0; and test "$word" = --
            set ended 1
        else if test $ended = 0; and string match -qr -- '^-.' $word
            if contains -- $word $valued; or string match -qr -- '^-[nyqvh]*[po]$' $word
                set skip 1
            end
        else
            printf '%s\n' $word
        end
    end
end

# Whether the words before the cursor are exactly these.
function __gamify_at
    set -l words (__gamify_words)
    test "$words" = "$argv"
end

# Whether they are these and so many others, the first argument.
function __gamify_past
    set -l words (__gamify_words)
    set -l path $argv[2..-1]
    test (count $words) = (math $argv[1] + (count $path)); or return
    test "$words[1..$(count $path)]" = "$path"
end

# Whether the words before the cursor begin with these, more of them or not.
function __gamify_below
    set -l words (__gamify_words)
    test "$words[1..$(count $argv)]" = "$argv"
end

# The word at the cursor, unquoted.
function __gamify_typed
    commandline -ct | string unescape
end

# What gamify itself knows of a kind, in the store that the line chooses.
function __gamify_ask
    string match -q -- '-*' (__gamify_typed); and not contains -- -- (commandline -opc); and return
    set -l target
    set -l words (commandline -op)[2..-1]
    for i in (seq (count $words))
        switch $words[$i]
            case --store --profile -p
                set -a target $words[$i..(math $i + 1)]
            case '--store=*' '--profile=*' '-p*'
                set -a target $words[$i]
        end
    end
    set -l begun (__gamify_typed | string replace -r '^--[a-z-]+=' '')
    gamify __complete $argv $target -- "$begun" 2>/dev/null
end

# Words after what stands before the last comma.
function __gamify_list
    set -l given (__gamify_typed | string replace -r '^--[a-z-]+=' '' | string match -r '^.*,')
    printf '%s\n' "$given"$argv
end

# The fields of what the command shows.
function __gamify_fields
    set -l words (__gamify_words)
    switch "$words[1..2] "
        case 'participants create *'
            __gamify_list participant_id display_name avatar_url attributes points.balance points.total_earned points.total_spent tier.code tier.name tier.level tier.color tier.achieved_at tier.next_tier.code tier.next_tier.name tier.next_tier.points_required tier.next_tier.points_remaining badges streaks.current streaks.longest streaks.last_activity_at rewards_claimed total_events is_active created_at badges.code badges.name badges.rarity badges.earned badges.earned_at points streaks tier tier.next_tier
        case 'participants get *'
            __gamify_list participant_id display_name avatar_url attributes points.balance points.total_earned points.total_spent tier.code tier.name tier.level tier.color tier.achieved_at tier.next_tier.code tier.next_tier.name tier.next_tier.points_required tier.next_tier.points_remaining badges streaks.current streaks.longest streaks.last_activity_at rewards_claimed total_events first_seen_at last_seen_at is_active badges.code badges.name badges.rarity badges.earned badges.earned_at points streaks tier tier.next_tier
        case 'participants update *'
            __gamify_list participant_id display_name avatar_url attributes points.balance points.total_earned points.total_spent tier.code tier.name tier.level tier.color tier.achieved_at tier.next_tier.code tier.next_tier.name tier.next_tier.points_required tier.next_tier.points_remaining badges streaks.current streaks.longest streaks.last_activity_at rewards_claimed total_events first_seen_at last_seen_at is_active badges.code badges.name badges.rarity badges.earned badges.earned_at points streaks tier tier.next_tier
        case 'participants state *'
            __gamify_list participant_id points.balance points.total_earned points.total_spent tier.code tier.name tier.level badges streaks.current streaks.longest challenges.active challenges.completed rewards.total_claimed badges.code badges.earned badges.earned_at challenges points rewards streaks tier
        case 'participants list *'
            __gamify_list participant_id display_name balance total_earned total_spent tier rewards_claimed total_events first_seen_at last_seen_at is_active version attributes
        case 'participants deactivate *'
            __gamify_list participant_id display_name avatar_url attributes points.balance points.total_earned points.total_spent tier.code tier.name tier.level tier.color tier.achieved_at tier.next_tier.code tier.next_tier.name tier.next_tier.points_required tier.next_tier.points_remaining badges streaks.current streaks.longest streaks.last_activity_at rewards_claimed total_events first_seen_at last_seen_at is_active badges.code badges.name badges.rarity badges.earned badges.earned_at points streaks tier tier.next_tier
        case 'participants activate *'
            __gamify_list participant_id display_name avatar_url attributes points.balance points.total_earned points.total_spent tier.code tier.name tier.level tier.color tier.achieved_at tier.next_tier.code tier.next_tier.name tier.next_tier.points_required tier.next_tier.points_remaining badges streaks.current streaks.longest streaks.last_activity_at rewards_claimed total_events first_seen_at last_seen_at is_active badges.code badges.name badges.rarity badges.earned badges.earned_at points streaks tier tier.next_tier
        case 'participants export *'
            __gamify_list participant_id display_name avatar_url attributes points.balance points.total_earned points.total_spent tier.code tier.name tier.level tier.color tier.achieved_at tier.next_tier.code tier.next_tier.name tier.next_tier.points_required tier.next_tier.points_remaining badges streaks.current streaks.longest streaks.last_activity_at rewards_claimed total_events first_seen_at last_seen_at is_active badges.code badges.name badges.rarity badges.earned badges.earned_at points streaks tier tier.next_tier
        case 'participants erase *'
            __gamify_list participant_id erased_at facts commands backups backups.path backups.made_at
        case 'participants history *'
            __gamify_list number kind data occurred_at recorded_at cause operation command actor
        case 'participants explain *'
            __gamify_list participant_id of code kind text amount number cause occurred_at operation command actor undone_by data nodes nodes.kind nodes.text nodes.amount nodes.number nodes.cause nodes.occurred_at nodes.operation nodes.command nodes.actor nodes.undone_by nodes.data nodes.nodes
        case 'participants diff *'
            __gamify_list participant_id from to changes facts changes.field changes.from changes.to facts.number facts.kind facts.data facts.occurred_at facts.recorded_at facts.cause facts.operation facts.command facts.actor
        case 'participants import *'
            __gamify_list operation file_hash lines created updated unchanged failed resumed_at complete
        case 'points award *'
            __gamify_list transaction_id participant_id amount new_balance tier_upgrade.code tier_upgrade.name tier_upgrade.level tier_upgrade.previous_code tier_upgrade.previous_level badges_unlocked tier_upgrade
        case 'points deduct *'
            __gamify_list transaction_id participant_id amount new_balance
        case 'points balance *'
            __gamify_list participant_id balance total_earned total_spent
        case 'points expiring *'
            __gamify_list participant_id by expiring lots lots.remaining lots.expires_at
        case 'points history *'
            __gamify_list id type amount balance_after reason metadata expires_at created_at
        case 'badges award *'
            __gamify_list participant_id badge_code badge_name icon rarity earned_at already_earned
        case 'badges list *'
            __gamify_list participant_id badges total earned_count badges.code badges.name badges.description badges.icon badges.rarity badges.earned badges.earned_at
        case 'streaks record *'
            __gamify_list streak_code new_count longest_count is_new_record already_recorded
        case 'streaks list *'
            __gamify_list participant_id streaks streaks.code streaks.name streaks.current_count streaks.longest_count streaks.last_recorded_at streaks.is_at_risk streaks.period
        case 'streaks restore *'
            __gamify_list participant_id streaks streaks.code streaks.name streaks.current_count streaks.longest_count streaks.last_recorded_at streaks.is_at_risk streaks.period
        case 'events record *'
            __gamify_list event_id fact_id status effects refused effects.rule effects.type effects.code effects.amount refused.rule refused.reason
        case 'events import *'
            __gamify_list operation file_hash lines created updated unchanged failed resumed_at complete
        case 'events list *'
            __gamify_list id event_name properties occurred_at
        case 'challenges enroll *'
            __gamify_list participant_id challenges challenges.code challenges.name challenges.status challenges.objectives challenges.enrolled_at challenges.completed_at
        case 'challenges list *'
            __gamify_list participant_id challenges challenges.code challenges.name challenges.status challenges.objectives challenges.enrolled_at challenges.completed_at
        case 'tiers show *'
            __gamify_list participant_id current_tier.code current_tier.name current_tier.level current_tier.color current_tier.achieved_at next_tier.code next_tier.name next_tier.points_required next_tier.points_remaining tier_history tier_history.code tier_history.name tier_history.achieved_at current_tier next_tier
        case 'tiers assign *'
            __gamify_list participant_id current_tier.code current_tier.name current_tier.level current_tier.color current_tier.achieved_at next_tier.code next_tier.name next_tier.points_required next_tier.points_remaining tier_history tier_history.code tier_history.name tier_history.achieved_at current_tier next_tier
        case 'rewards list *'
            __gamify_list rewards total rewards.id rewards.name rewards.type rewards.description rewards.points_cost rewards.available_codes rewards.max_claims_per_user rewards.expires_at
        case 'rewards claim *'
            __gamify_list claim_id participant_id reward_name reward_type code_value points_deducted new_balance
        case 'rewards load-codes *'
            __gamify_list reward_id loaded duplicates duplicate_lines available_codes
        case 'rewards history *'
            __gamify_list participant_id rewards total rewards.claim_id rewards.reward_id rewards.name rewards.type rewards.code rewards.points_deducted rewards.claimed_at
        case 'leaderboards show *'
            __gamify_list leaderboard_code period entries total_participants entries.rank entries.participant_id entries.display_name entries.score entries.change
        case 'leaderboards rank *'
            __gamify_list participant_id rank score total_participants percentile
        case 'program validate *'
            __gamify_list file name tiers badges streaks challenges rewards leaderboards rules
        case 'program diff *'
            __gamify_list change kind code member before after definition
        case 'program apply *'
            __gamify_list version applied_at name tiers badges streaks challenges rewards leaderboards rules
        case 'program simulate *'
            __gamify_list summary.name summary.since summary.participants summary.facts summary.changed summary.erased summary.points.gaining summary.points.gained summary.points.losing summary.points.lost summary.balance.from summary.balance.to summary.balance.change summary.total_earned.from summary.total_earned.to summary.total_earned.change summary.total_spent.from summary.total_spent.to summary.total_spent.change summary.expiring.from summary.expiring.to summary.expiring.change summary.tiers summary.badges summary.challenges summary.streaks summary.clamped.participants summary.clamped.debits summary.clamped.points summary.refused summary.unknown participants participants.participant_id participants.balance participants.total_earned participants.total_spent participants.expiring participants.tier participants.badges participants.challenges participants.streaks participants.clamped participants.refused summary summary.balance summary.clamped summary.expiring summary.points summary.total_earned summary.total_spent
        case 'program show *'
            __gamify_list version applied_at operation name timezone tier_basis tier_downgrade expires tiers badges streaks challenges rewards leaderboards rules inactive tiers.code tiers.name tiers.level tiers.points_required tiers.color badges.code badges.name badges.rarity badges.description badges.icon badges.criterion streaks.code streaks.name streaks.period streaks.timezone streaks.week_starts streaks.grace streaks.freezes challenges.code challenges.name challenges.window challenges.objectives challenges.reward rewards.id rewards.name rewards.description rewards.expires_at rewards.type rewards.points_cost rewards.max_claims_per_user rewards.stock leaderboards.code leaderboards.name leaderboards.metric leaderboards.period rules.code rules.event rules.where rules.points rules.expires rules.streak rules.badge rules.limit
        case 'operations list *'
            __gamify_list id command actor recorded_at program participants facts undone_by
        case 'operations show *'
            __gamify_list id command actor recorded_at program participants facts undone_by
        case 'operations undo *'
            __gamify_list operation command undo participants facts points void codes shortfalls refused complete codes.participant_id codes.reward_id codes.code shortfalls.participant_id shortfalls.fact shortfalls.points shortfalls.missing refused.participant_id refused.fact refused.kind refused.reason
        case 'profiles list *'
            __gamify_list name is_default store url protected key_source
        case 'profiles show *'
            __gamify_list name is_default store url protected key.source key.place key.is_there key.problem key
        case 'profiles current *'
            __gamify_list name chosen_by store url protected
        case 'profiles add *'
            __gamify_list name is_default store url protected key_source
        case 'profiles use *'
            __gamify_list name is_default store url protected key_source
        case 'profiles test *'
            __gamify_list name store url key latency_ms
        case 'profiles remove *'
            __gamify_list name is_default store url protected key_source
        case 'config list *'
            __gamify_list key value origin place
        case 'config get *'
            __gamify_list key value origin place
        case 'config set *'
            __gamify_list key value origin place
        case 'config unset *'
            __gamify_list key value origin place
        case 'config edit *'
            __gamify_list path exists
        case 'config path *'
            __gamify_list path exists
        case 'keys create *'
            __gamify_list key_id key name scope rate_limit status created_at expires_at revoked_at
        case 'keys list *'
            __gamify_list key_id name scope rate_limit status created_at expires_at revoked_at
        case 'keys revoke *'
            __gamify_list key_id name scope rate_limit status created_at expires_at revoked_at
        case 'store info *'
            __gamify_list path exists identity created_at schema test_clock participants facts bytes last_backup.path last_backup.made_at last_backup
        case 'store backup *'
            __gamify_list path bytes participants facts made_at seconds
        case 'store verify *'
            __gamify_list participant_id field stored replayed repairable
        case 'store restore *'
            __gamify_list path from participants facts kept seconds
        case 'store sweep *'
            __gamify_list participants facts
        case 'store upgrade *'
            __gamify_list path from to backup
        case 'completion install *'
            __gamify_list shell path outcome
        case 'completion uninstall *'
            __gamify_list shell path outcome
        case 'commands *'
            __gamify_list name summary options arguments examples exit_codes commands
        case 'doctor *'
            __gamify_list check profile status detail hint
        case 'version *'
            __gamify_list gamify python sqlite
    end
end

complete -c gamify -f
complete -c gamify -s p -l profile -x -a '(__gamify_ask profiles)' -d 'Connection profile to use [GAMIFY_PROFILE]'
complete -c gamify -l store -rF -d 'Store without a profile: a path or URL [GAMIFY_STORE]'
complete -c gamify -s o -l output -x -a 'auto table json jsonl csv tsv ids' -d 'auto, table, json, jsonl, csv, tsv or ids [GAMIFY_OUTPUT]'
complete -c gamify -l json -d 'The same as -o json'
complete -c gamify -l fields -xa '(__gamify_fields)' -d 'Choose and order the fields'
complete -c gamify -l jq -x -d 'Filter the JSON as jq does; texts come without quotes'
complete -c gamify -l at -x -d 'Read as of a past TIME, or forecast a future one'
complete -c gamify -l known-at -x -d 'Read by what was recorded up to TIME'
complete -c gamify -s n -l dry-run -d 'Show what a write would do; write nothing'
complete -c gamify -s y -l yes -d 'Answer yes to a confirmation'
complete -c gamify -l confirm -x -a '(__gamify_ask profiles)' -d 'Confirm a write on the protected profile NAME'
complete -c gamify -l no-input -d 'Never prompt [GAMIFY_NO_INPUT]'
complete -c gamify -l idempotency-key -x -d 'Answer a repeat of this write on this participant as before'
complete -c gamify -l timeout -x -d 'Longest wait, 30 by default [GAMIFY_TIMEOUT]'
complete -c gamify -l jobs -x -d 'Requests at a time to a server, 8 by default'
complete -c gamify -l color -x -a 'auto always never' -d 'auto, always or never [NO_COLOR, FORCE_COLOR]'
complete -c gamify -s q -l quiet -d 'Data and errors alone'
complete -c gamify -s v -l verbose -d 'Tell the store, the operation and requests on stderr'
complete -c gamify -l debug -d 'Show the traceback of an error'
complete -c gamify -s h -l help -d 'Show this message and exit'

complete -c gamify -n '__gamify_at' -a participants -d 'Register participants, read and edit their profiles'
complete -c gamify -n '__gamify_at' -a points -d 'Award and deduct points, show balances and histories'
complete -c gamify -n '__gamify_at' -a badges -d 'Award badges, show which are earned'
complete -c gamify -n '__gamify_at' -a streaks -d 'Tick streaks, show them, bring back one that lapsed'
complete -c gamify -n '__gamify_at' -a events -d 'Record events, with all that they earn'
complete -c gamify -n '__gamify_at' -a challenges -d 'Enrol in challenges, show how they stand'
complete -c gamify -n '__gamify_at' -a tiers -d 'Show tiers, assign them by hand'
complete -c gamify -n '__gamify_at' -a rewards -d 'Claim rewards, load their codes, show what is left'
complete -c gamify -n '__gamify_at' -a leaderboards -d 'Show who is ahead, and where one participant stands'
complete -c gamify -n '__gamify_at' -a program -d 'Say what can be earned, and how'
complete -c gamify -n '__gamify_at' -a operations -d 'Show what was done, by the command that did it, and undo it'
complete -c gamify -n '__gamify_at' -a profiles -d 'Say where servers and stores are, and which one to use'
complete -c gamify -n '__gamify_at' -a config -d 'Show what is set, and by what; change config.toml'
complete -c gamify -n '__gamify_at' -a keys -d 'Make and revoke the API keys of a store'
complete -c gamify -n '__gamify_at' -a store -d 'Look after the local store'
complete -c gamify -n '__gamify_at' -a completion -d 'Let a shell complete commands, ids and codes'
complete -c gamify -n '__gamify_at' -a commands -d 'List every command there is'
complete -c gamify -n '__gamify_at' -a help -d 'Explain a topic or a command'
complete -c gamify -n '__gamify_at' -a doctor -d 'Check the configuration, the store or server, and this machine'
complete -c gamify -n '__gamify_at' -a schema -d 'Print the JSON Schema of an answer, or the OpenAPI document'
complete -c gamify -n '__gamify_at' -a serve -d 'Serve the HTTP API over a store'
complete -c gamify -n '__gamify_at' -a version -d 'Show the version of gamify and of what it runs on'
complete -c gamify -n '__gamify_at' -l version -d 'Show the version'

complete -c gamify -n '__gamify_at participants' -a create -d 'Register a participant, or update the one that is there'
complete -c gamify -n '__gamify_at participants' -a get -d 'Show the profile of participants'
complete -c gamify -n '__gamify_at participants' -a update -d 'Edit participants; attributes are merged (RFC 7396)'
complete -c gamify -n '__gamify_at participants' -a state -d 'Show the state of participants: all sections, or those included'
complete -c gamify -n '__gamify_at participants' -a list -d 'List participants, 100 at a time'
complete -c gamify -n '__gamify_at participants' -a exists -d 'Tell by the exit code whether a participant exists; stdout stays empty'
complete -c gamify -n '__gamify_at participants' -a deactivate -d 'Bar participants from interacting; they can still be read and edited'
complete -c gamify -n '__gamify_at participants' -a activate -d 'Let deactivated participants interact again'
complete -c gamify -n '__gamify_at participants' -a export -d 'Print all participants as one stream, as JSON Lines unless -o says otherwise'
complete -c gamify -n '__gamify_at participants' -a erase -d 'Take what is personal about a participant away, for good'
complete -c gamify -n '__gamify_at participants' -a history -d 'Show what happened to a participant: the facts of its journal, newest first'
complete -c gamify -n '__gamify_at participants' -a explain -d 'Show why a value is what it is: the tree of facts behind it'
complete -c gamify -n '__gamify_at participants' -a diff -d 'Show what became of a participant between two times, and the facts that made it'
complete -c gamify -n '__gamify_at participants' -a import -d 'Register participants from a file, or update those that are there'

complete -c gamify -n '__gamify_below participants create' -l display-name -x -d 'Name to show, at most 255 characters'
complete -c gamify -n '__gamify_below participants create' -l avatar-url -x -d 'Absolute http or https URL of a picture'
complete -c gamify -n '__gamify_below participants create' -l attributes -x -d 'Attributes as one JSON object'
complete -c gamify -n '__gamify_below participants create' -l attr -x -d 'One attribute; NAME:=JSON for other than text'
complete -c gamify -n '__gamify_below participants create' -l input -rF -d 'The whole request body as JSON'
complete -c gamify -n '__gamify_below participants create' -l if-not-exists -d 'Fail (exit 5) if it exists'
complete -c gamify -n '__gamify_past 0 participants create' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below participants get' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below participants update' -l display-name -x -d 'Name to show, at most 255 characters'
complete -c gamify -n '__gamify_below participants update' -l avatar-url -x -d 'Absolute http or https URL of a picture'
complete -c gamify -n '__gamify_below participants update' -l attributes -x -d 'Attributes as one JSON object'
complete -c gamify -n '__gamify_below participants update' -l attr -x -d 'One attribute; NAME:=JSON for other than text'
complete -c gamify -n '__gamify_below participants update' -l unset-attr -x -d 'Remove one attribute'
complete -c gamify -n '__gamify_below participants update' -l clear -x -a 'display-name avatar-url attributes' -d 'Empty display-name, avatar-url or attributes'
complete -c gamify -n '__gamify_below participants update' -l input -rF -d 'The whole request body as JSON'
complete -c gamify -n '__gamify_below participants update' -l if-match -x -d 'Fail (exit 5) unless it is at this version'
complete -c gamify -n '__gamify_below participants update' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below participants state' -l include -x -a '(__gamify_list points tier badges streaks challenges rewards)' -d 'Sections: points, tier, badges, streaks, challenges, rewards'
complete -c gamify -n '__gamify_below participants state' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below participants list' -l q -x -d 'Part of the id or name, any case'
complete -c gamify -n '__gamify_below participants list' -l attr -x -d 'Has this attribute; NAME:=JSON if not text'
complete -c gamify -n '__gamify_below participants list' -l tier -x -a '(__gamify_ask tiers)' -d 'Stands in this tier'
complete -c gamify -n '__gamify_below participants list' -l where -x -a 'balance total_earned total_spent total_events rewards_claimed version' -d 'A number compared, such as \'balance>=1000\''
complete -c gamify -n '__gamify_below participants list' -l seen-before -x -d 'Last seen before: a date, or 90d ago'
complete -c gamify -n '__gamify_below participants list' -l active -l inactive -d 'Active ones alone, or the others'
complete -c gamify -n '__gamify_below participants list' -l sort -x -a 'participant_id display_name tier first_seen_at last_seen_at balance total_earned total_spent total_events rewards_claimed version -participant_id -display_name -tier -first_seen_at -last_seen_at -balance -total_earned -total_spent -total_events -rewards_claimed -version' -d 'Field to sort by; -KEY for descending'
complete -c gamify -n '__gamify_below participants list' -l limit -x -d 'At most so many, 100 by default'
complete -c gamify -n '__gamify_below participants list' -l all -d 'All there are'
complete -c gamify -n '__gamify_below participants list' -l after -x -d 'Go on where the page before ended'
complete -c gamify -n '__gamify_below participants list' -l count -d 'Print how many there are'

complete -c gamify -n '__gamify_past 0 participants exists' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below participants deactivate' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below participants activate' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below participants export' -l q -x -d 'Part of the id or name, any case'
complete -c gamify -n '__gamify_below participants export' -l attr -x -d 'Has this attribute; NAME:=JSON if not text'
complete -c gamify -n '__gamify_below participants export' -l tier -x -a '(__gamify_ask tiers)' -d 'Stands in this tier'
complete -c gamify -n '__gamify_below participants export' -l where -x -a 'balance total_earned total_spent total_events rewards_claimed version' -d 'A number compared, such as \'balance>=1000\''
complete -c gamify -n '__gamify_below participants export' -l seen-before -x -d 'Last seen before: a date, or 90d ago'
complete -c gamify -n '__gamify_below participants export' -l active -l inactive -d 'Active ones alone, or the others'
complete -c gamify -n '__gamify_below participants export' -l sort -x -a 'participant_id display_name tier first_seen_at last_seen_at balance total_earned total_spent total_events rewards_claimed version -participant_id -display_name -tier -first_seen_at -last_seen_at -balance -total_earned -total_spent -total_events -rewards_claimed -version' -d 'Field to sort by; -KEY for descending'
complete -c gamify -n '__gamify_below participants export' -l shape -x -a 'profile state row bundle' -d 'Of each its profile, state or row of a list'
complete -c gamify -n '__gamify_below participants export' -l journal -d 'A whole store, for import --journal'
complete -c gamify -n '__gamify_below participants export' -l bundle -d 'Everything known about one participant'
complete -c gamify -n '__gamify_past 0 participants export' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below participants erase' -l new-id -d 'Take the id away, too, for a random one'
complete -c gamify -n '__gamify_past 0 participants erase' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below participants history' -l type -x -a 'registered profile_changed deactivated activated points_awarded points_deducted points_expired tier_changed badge_earned streak_recorded streak_restored streak_moved event_recorded challenge_enrolled challenge_completed reward_claimed reversed erased' -d 'Facts of this kind alone'
complete -c gamify -n '__gamify_below participants history' -l since -x -d 'Occurred at this time or later'
complete -c gamify -n '__gamify_below participants history' -l until -x -d 'Occurred at this time or earlier'
complete -c gamify -n '__gamify_below participants history' -l limit -x -d 'At most so many, 100 by default'
complete -c gamify -n '__gamify_below participants history' -l all -d 'All there are'
complete -c gamify -n '__gamify_below participants history' -l before -x -d 'Facts before this one'
complete -c gamify -n '__gamify_past 0 participants history' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below participants explain' -l limit -x -d 'At most so many facts of a kind, 50 by default'
complete -c gamify -n '__gamify_below participants explain' -l all -d 'All there are'
complete -c gamify -n '__gamify_past 0 participants explain' -a '(__gamify_ask ids)' -d 'ID'
complete -c gamify -n '__gamify_past 1 participants explain' -a 'points tier badge streak reward event' -d 'WHAT'

complete -c gamify -n '__gamify_below participants diff' -l from -x -d 'The earlier time'
complete -c gamify -n '__gamify_below participants diff' -l to -x -d 'The later time, now by default'
complete -c gamify -n '__gamify_past 0 participants diff' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below participants import' -l format -x -a 'jsonl csv tsv' -d 'jsonl, csv or tsv, if the name does not tell'
complete -c gamify -n '__gamify_below participants import' -l check -d 'Read and check every row; touch no store'
complete -c gamify -n '__gamify_below participants import' -l on-error -x -a 'continue stop' -d 'At a bad row, continue or stop'
complete -c gamify -n '__gamify_below participants import' -l results -rF -d 'Write what came of each row, as JSON Lines'
complete -c gamify -n '__gamify_below participants import' -l resume -d 'Go on with an import of this file that was cut short'
complete -c gamify -n '__gamify_below participants import' -l journal -d 'The file is of export --journal; the store is empty'
complete -c gamify -n '__gamify_past 0 participants import' -F -d 'FILE|-'

complete -c gamify -n '__gamify_at points' -a award -d 'Add points; an unknown participant is created'
complete -c gamify -n '__gamify_at points' -a deduct -d 'Spend points, those that run out soonest first'
complete -c gamify -n '__gamify_at points' -a balance -d 'Show the balance of participants, and what they earned and spent in all'
complete -c gamify -n '__gamify_at points' -a expiring -d 'Show what runs out by a time, and every lot of points with its end'
complete -c gamify -n '__gamify_at points' -a history -d 'Show what moved a participant\'s points, newest first'

complete -c gamify -n '__gamify_below points award' -l reason -x -d 'Kept in the journal'
complete -c gamify -n '__gamify_below points award' -l metadata -x -d 'Free members, kept in the journal'
complete -c gamify -n '__gamify_below points award' -l expires-at -x -d 'When they run out, if they do'
complete -c gamify -n '__gamify_below points award' -l occurred-at -x -d 'When it happened, if not now; in order alone'
complete -c gamify -n '__gamify_past 0 points award' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below points deduct' -l reason -x -d 'Kept in the journal'
complete -c gamify -n '__gamify_below points deduct' -l metadata -x -d 'Free members, kept in the journal'
complete -c gamify -n '__gamify_below points deduct' -l occurred-at -x -d 'When it happened, if not now; in order alone'
complete -c gamify -n '__gamify_past 0 points deduct' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below points balance' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below points expiring' -l by -x -d 'In 30 days unless said otherwise'
complete -c gamify -n '__gamify_below points expiring' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below points history' -l type -x -a 'award deduct expire claim reversal' -d 'award, deduct, claim, expire or reversal alone'
complete -c gamify -n '__gamify_below points history' -l since -x -d 'Occurred at this time or later'
complete -c gamify -n '__gamify_below points history' -l until -x -d 'Occurred at this time or earlier'
complete -c gamify -n '__gamify_below points history' -l limit -x -d 'At most so many, 100 by default'
complete -c gamify -n '__gamify_below points history' -l all -d 'All there are'
complete -c gamify -n '__gamify_below points history' -l before -x -d 'Facts before this one'
complete -c gamify -n '__gamify_past 0 points history' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_at badges' -a award -d 'Award a badge by hand; one that was earned before stays as it is'
complete -c gamify -n '__gamify_at badges' -a list -d 'Show the badges of participants: all of the program, earned or not'

complete -c gamify -n '__gamify_below badges award' -l metadata -x -d 'Free members, kept in the journal'
complete -c gamify -n '__gamify_past 0 badges award' -a '(__gamify_ask ids)' -d 'ID'
complete -c gamify -n '__gamify_past 1 badges award' -a '(__gamify_ask badges)' -d 'CODE'

complete -c gamify -n '__gamify_below badges list' -l earned -d 'Earned ones alone'
complete -c gamify -n '__gamify_below badges list' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_at streaks' -a record -d 'Tick a streak in the period of now, or of a time given; once a period'
complete -c gamify -n '__gamify_at streaks' -a list -d 'Show the streaks of participants, and whether one is about to lapse'
complete -c gamify -n '__gamify_at streaks' -a restore -d 'Bring back a streak that lapsed, with all its freezes; the count goes on'

complete -c gamify -n '__gamify_below streaks record' -l timestamp -x -d 'When it happened, if not now'
complete -c gamify -n '__gamify_past 0 streaks record' -a '(__gamify_ask ids)' -d 'ID'
complete -c gamify -n '__gamify_past 1 streaks record' -a '(__gamify_ask streaks)' -d 'CODE'

complete -c gamify -n '__gamify_below streaks list' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below streaks restore' -l reason -x -d 'Kept in the journal; needed'
complete -c gamify -n '__gamify_past 0 streaks restore' -a '(__gamify_ask ids)' -d 'ID'
complete -c gamify -n '__gamify_past 1 streaks restore' -a '(__gamify_ask streaks)' -d 'CODE'

complete -c gamify -n '__gamify_at events' -a record -d 'Record an event; an unknown participant is created'
complete -c gamify -n '__gamify_at events' -a import -d 'Record events from a file; a bad one never stops the others'
complete -c gamify -n '__gamify_at events' -a list -d 'Show a participant\'s events, the newest recorded first'

complete -c gamify -n '__gamify_below events record' -l property -x -d 'One property; NAME:=JSON for other than text'
complete -c gamify -n '__gamify_below events record' -l properties -x -d 'Properties as one JSON object'
complete -c gamify -n '__gamify_below events record' -l timestamp -x -d 'When it happened, if not now'
complete -c gamify -n '__gamify_past 0 events record' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below events import' -l format -x -a 'jsonl csv tsv' -d 'jsonl, csv or tsv, if the name does not tell'
complete -c gamify -n '__gamify_below events import' -l check -d 'Read and check every row; touch no store'
complete -c gamify -n '__gamify_below events import' -l on-error -x -a 'continue stop' -d 'At a bad row, continue or stop'
complete -c gamify -n '__gamify_below events import' -l results -rF -d 'Write what came of each row, as JSON Lines'
complete -c gamify -n '__gamify_below events import' -l resume -d 'Go on with an import of this file that was cut short'
complete -c gamify -n '__gamify_past 0 events import' -F -d 'FILE|-'

complete -c gamify -n '__gamify_below events list' -l event-name -x -d 'Events of this name alone'
complete -c gamify -n '__gamify_below events list' -l since -x -d 'Occurred at this time or later'
complete -c gamify -n '__gamify_below events list' -l until -x -d 'Occurred at this time or earlier'
complete -c gamify -n '__gamify_below events list' -l limit -x -d 'At most so many, 100 by default'
complete -c gamify -n '__gamify_below events list' -l all -d 'All there are'
complete -c gamify -n '__gamify_below events list' -l before -x -d 'Facts before this one'
complete -c gamify -n '__gamify_past 0 events list' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_at challenges' -a enroll -d 'Enrol in a challenge, once; events count for it from now on'
complete -c gamify -n '__gamify_at challenges' -a list -d 'Show the challenges that participants enrolled in'

complete -c gamify -n '__gamify_past 0 challenges enroll' -a '(__gamify_ask ids)' -d 'ID'
complete -c gamify -n '__gamify_past 1 challenges enroll' -a '(__gamify_ask challenges)' -d 'CODE'

complete -c gamify -n '__gamify_below challenges list' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_at tiers' -a show -d 'Show the tier of participants, the next one, and how they came there'
complete -c gamify -n '__gamify_at tiers' -a assign -d 'Put a participant in a tier by hand; it holds until points earn a higher one'

complete -c gamify -n '__gamify_below tiers show' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_below tiers assign' -l reason -x -d 'Kept in the journal'
complete -c gamify -n '__gamify_past 0 tiers assign' -a '(__gamify_ask ids)' -d 'ID'
complete -c gamify -n '__gamify_past 1 tiers assign' -a '(__gamify_ask tiers)' -d 'CODE'

complete -c gamify -n '__gamify_at rewards' -a list -d 'Show the rewards of the program, and how many of each are left'
complete -c gamify -n '__gamify_at rewards' -a claim -d 'Claim a reward; its code and its points go together or not at all'
complete -c gamify -n '__gamify_at rewards' -a load-codes -d 'Load the codes that claims of a reward hand out: all of a file, or nothing'
complete -c gamify -n '__gamify_at rewards' -a history -d 'Show what a participant claimed, newest first, with the codes'

complete -c gamify -n '__gamify_below rewards list' -l type -x -a 'coupon voucher physical digital points_multiplier' -d 'coupon, voucher, physical, digital or points_multiplier alone'

complete -c gamify -n '__gamify_below rewards claim' -l pay -d 'Deduct what it costs'
complete -c gamify -n '__gamify_past 0 rewards claim' -a '(__gamify_ask ids)' -d 'ID'
complete -c gamify -n '__gamify_past 1 rewards claim' -a '(__gamify_ask rewards)' -d 'REWARD'

complete -c gamify -n '__gamify_past 0 rewards load-codes' -a '(__gamify_ask rewards)' -d 'REWARD'
complete -c gamify -n '__gamify_past 1 rewards load-codes' -F -d 'FILE'

complete -c gamify -n '__gamify_below rewards history' -l type -x -a 'coupon voucher physical digital points_multiplier' -d 'coupon, voucher, physical, digital or points_multiplier alone'
complete -c gamify -n '__gamify_below rewards history' -l since -x -d 'Occurred at this time or later'
complete -c gamify -n '__gamify_below rewards history' -l until -x -d 'Occurred at this time or earlier'
complete -c gamify -n '__gamify_below rewards history' -l limit -x -d 'At most so many, 100 by default'
complete -c gamify -n '__gamify_below rewards history' -l all -d 'All there are'
complete -c gamify -n '__gamify_past 0 rewards history' -a '(__gamify_ask ids)' -d 'ID'

complete -c gamify -n '__gamify_at leaderboards' -a show -d 'Show the best of a leaderboard; those who are level share a rank'
complete -c gamify -n '__gamify_at leaderboards' -a rank -d 'Show the rank of a participant, and how many of a hundred stand below'

complete -c gamify -n '__gamify_below leaderboards show' -l period -x -a 'all_time yearly monthly weekly daily' -d 'all_time, yearly, monthly, weekly or daily, not its own'
complete -c gamify -n '__gamify_below leaderboards show' -l ranking -x -a 'competition dense' -d 'competition (1, 1, 3) or dense (1, 1, 2)'
complete -c gamify -n '__gamify_below leaderboards show' -l limit -x -d 'At most so many, 1 to 100'
complete -c gamify -n '__gamify_past 0 leaderboards show' -a '(__gamify_ask leaderboards)' -d 'CODE'

complete -c gamify -n '__gamify_below leaderboards rank' -l period -x -a 'all_time yearly monthly weekly daily' -d 'all_time, yearly, monthly, weekly or daily, not its own'
complete -c gamify -n '__gamify_past 0 leaderboards rank' -a '(__gamify_ask ids)' -d 'ID'
complete -c gamify -n '__gamify_past 1 leaderboards rank' -a '(__gamify_ask leaderboards)' -d 'CODE'

complete -c gamify -n '__gamify_at program' -a init -d 'Write an example of a program to start from, every key with its values'
complete -c gamify -n '__gamify_at program' -a validate -d 'Check a program file, and count what is in it'
complete -c gamify -n '__gamify_at program' -a diff -d 'Show what a program file would change in the program in force'
complete -c gamify -n '__gamify_at program' -a apply -d 'Put a program file in force, whole or not at all; stderr tells the difference'
complete -c gamify -n '__gamify_at program' -a simulate -d 'Show what a program file would have made of the past; write nothing'
complete -c gamify -n '__gamify_at program' -a show -d 'Show the program in force, with every default filled in'

complete -c gamify -n '__gamify_below program init' -l force -d 'Overwrite a file that is there'
complete -c gamify -n '__gamify_past 0 program init' -F -d 'FILE'

complete -c gamify -n '__gamify_past 0 program validate' -F -d 'FILE'

complete -c gamify -n '__gamify_past 0 program diff' -F -d 'FILE'

complete -c gamify -n '__gamify_past 0 program apply' -F -d 'FILE'

complete -c gamify -n '__gamify_below program simulate' -l since -x -d 'For what was recorded at this time or later alone'
complete -c gamify -n '__gamify_past 0 program simulate' -F -d 'FILE'

complete -c gamify -n '__gamify_below program show' -l version -x -d 'This version, not the one in force'
complete -c gamify -n '__gamify_below program show' -l all -d 'Every version, newest first'

complete -c gamify -n '__gamify_at operations' -a list -d 'List operations that left anything, newest first, 100 at a time'
complete -c gamify -n '__gamify_at operations' -a show -d 'Show one operation: who ran what and when, and how much it wrote'
complete -c gamify -n '__gamify_at operations' -a undo -d 'Undo an operation: all is as if it had never been, and later ones stay'

complete -c gamify -n '__gamify_below operations list' -l participant -x -d 'On this participant alone'
complete -c gamify -n '__gamify_below operations list' -l limit -x -d 'At most so many, 100 by default'
complete -c gamify -n '__gamify_below operations list' -l all -d 'All there are'
complete -c gamify -n '__gamify_below operations list' -l after -x -d 'Go on where the page before ended'

complete -c gamify -n '__gamify_below operations undo' -l on-short -x -d 'refuse or clamp, where points are spent that it takes back'

complete -c gamify -n '__gamify_at profiles' -a list -d 'Show every connection profile, and which is the default'
complete -c gamify -n '__gamify_at profiles' -a show -d 'Show a profile and where its key is, but never the key'
complete -c gamify -n '__gamify_at profiles' -a current -d 'Show what commands work on, and what decided so'
complete -c gamify -n '__gamify_at profiles' -a add -d 'Add a profile: a server by --url, or a store by --store, a path or a URL'
complete -c gamify -n '__gamify_at profiles' -a use -d 'Make a profile the one that commands use by default'
complete -c gamify -n '__gamify_at profiles' -a test -d 'Ask a profile\'s server or store something, and show how long the answer took'
complete -c gamify -n '__gamify_at profiles' -a remove -d 'Remove a profile, and the key that was put away for it'

complete -c gamify -n '__gamify_past 0 profiles show' -a '(__gamify_ask profiles)' -d 'NAME'

complete -c gamify -n '__gamify_below profiles add' -l url -x -d 'A server: https://HOST/api/v1/gamify'
complete -c gamify -n '__gamify_below profiles add' -l key-source -x -a 'keyring file command env' -d 'keyring, file, command or env [GAMIFY_API_KEY]'
complete -c gamify -n '__gamify_below profiles add' -l key-command -x -d 'Prints the key, run without a shell'
complete -c gamify -n '__gamify_below profiles add' -l key-stdin -d 'Read the key from stdin'
complete -c gamify -n '__gamify_below profiles add' -l protected -d 'Let writes need --confirm NAME'
complete -c gamify -n '__gamify_below profiles add' -l replace -d 'Replace a profile of that name'

complete -c gamify -n '__gamify_past 0 profiles use' -a '(__gamify_ask profiles)' -d 'NAME'

complete -c gamify -n '__gamify_past 0 profiles test' -a '(__gamify_ask profiles)' -d 'NAME'

complete -c gamify -n '__gamify_past 0 profiles remove' -a '(__gamify_ask profiles)' -d 'NAME'

complete -c gamify -n '__gamify_at config' -a list -d 'Show every setting with its value, what gave it, and where that stands'
complete -c gamify -n '__gamify_at config' -a get -d 'Show one setting as config list does'
complete -c gamify -n '__gamify_at config' -a set -d 'Write a value into config.toml, and show what holds then'
complete -c gamify -n '__gamify_at config' -a unset -d 'Take a value out of config.toml, and show what holds then'
complete -c gamify -n '__gamify_at config' -a edit -d 'Open a draft of config.toml in $VISUAL or $EDITOR; keep it if it is sound'
complete -c gamify -n '__gamify_at config' -a path -d 'Show where config.toml is, whether it exists or not'

complete -c gamify -n '__gamify_at keys' -a create -d 'Make a key and show it, this once: the store keeps nothing but its hash'
complete -c gamify -n '__gamify_at keys' -a list -d 'Show the keys, newest first; of none the key itself'
complete -c gamify -n '__gamify_at keys' -a revoke -d 'End keys at once; a revoked key never comes back'

complete -c gamify -n '__gamify_below keys create' -l name -x -d 'Who has it; the journal tells'
complete -c gamify -n '__gamify_below keys create' -l scope -x -a 'participant admin' -d 'participant, or admin for everything'
complete -c gamify -n '__gamify_below keys create' -l expires -x -d 'When it ends'
complete -c gamify -n '__gamify_below keys create' -l rate-limit -x -a 'none' -d 'Requests a minute, 1,000 by default'
complete -c gamify -n '__gamify_below keys create' -l test -d 'Let it begin with bq_test_'

complete -c gamify -n '__gamify_below keys revoke' -a '(__gamify_ask keys)' -d 'KEY_ID'

complete -c gamify -n '__gamify_at store' -a info -d 'Show where the store is and what it holds'
complete -c gamify -n '__gamify_at store' -a backup -d 'Write all of the store to a file, as of one moment, while others go on writing'
complete -c gamify -n '__gamify_at store' -a verify -d 'Replay every journal, and compare it with what is stored'
complete -c gamify -n '__gamify_at store' -a restore -d 'Put a backup in the place of all that the store holds'
complete -c gamify -n '__gamify_at store' -a sweep -d 'Record the points that ran out'
complete -c gamify -n '__gamify_at store' -a upgrade -d 'Bring an older store to the schema of this gamify, after a backup'

complete -c gamify -n '__gamify_below store backup' -l force -d 'Overwrite a file that is there'
complete -c gamify -n '__gamify_past 0 store backup' -F -d 'FILE'

complete -c gamify -n '__gamify_below store verify' -l repair -d 'Write what the journal says, after a backup'

complete -c gamify -n '__gamify_past 0 store restore' -F -d 'FILE'

complete -c gamify -n '__gamify_at completion' -a install -d 'Put the completion where the shell looks for it in your home'
complete -c gamify -n '__gamify_at completion' -a uninstall -d 'Take the completion away from where install put it'
complete -c gamify -n '__gamify_at completion' -a show -d 'Print the completion, whatever the output format'

complete -c gamify -n '__gamify_past 0 completion install' -a 'bash zsh fish' -d 'SHELL'

complete -c gamify -n '__gamify_past 0 completion uninstall' -a 'bash zsh fish' -d 'SHELL'

complete -c gamify -n '__gamify_past 0 completion show' -a 'bash zsh fish' -d 'SHELL'

complete -c gamify -n '__gamify_below help' -a 'exit-codes errors output profiles environment program automation participants points badges streaks events challenges tiers rewards leaderboards program operations profiles config keys store completion commands help doctor schema serve version' -d 'TOPIC|COMMAND'

complete -c gamify -n '__gamify_below doctor' -l all -d 'Every profile, not the one in use'

complete -c gamify -n '__gamify_past 0 schema' -a 'openapi created profile state participants_found row participants erased bundle fact facts difference award deduction award_results balance expiring transaction transactions badge_award badges tier tick streaks event_answer event_results import restored import_result event events challenges claim rewards claims loaded leaderboard rank program programs applied checked change operation operations simulated simulation simulation_part undone store sweep upgrade backup put_back drift version commands explanation key new_key connection connection_details current tested setting config_file finding completion rehearsal error' -d 'NAME'

complete -c gamify -n '__gamify_below serve' -l host -x -d 'Where to listen, 127.0.0.1 by default'
complete -c gamify -n '__gamify_below serve' -l port -x -d 'The port, 8080 by default; 0 takes a free one'
complete -c gamify -n '__gamify_below serve' -l tls-cert -rF -d 'The certificate, in PEM'
complete -c gamify -n '__gamify_below serve' -l tls-key -rF -d 'Its private key, if not in the same file'
complete -c gamify -n '__gamify_below serve' -l behind-tls-proxy -d 'A proxy in front encrypts; listen plainly'
complete -c gamify -n '__gamify_below serve' -l access-log -l no-access-log -d 'A line of JSON a request on stderr'
