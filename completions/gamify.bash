# Completion of gamify for bash 4 and later.
# `make generate` writes this file from the command tree; do not edit it.

# What may stand at `path` in the tree, and after --fields.
_gamify_at() {
    commands=() options=() fields=()
    case $path in
        '')
            commands=(participants points badges streaks events challenges tiers rewards
                leaderboards program operations profiles config keys store completion commands
                help doctor schema serve version)
            options=(--version)
            ;;
        'participants')
            commands=(create get update state list exists deactivate activate export erase
                history explain diff import)
            ;;
        'participants create')
            options=(--display-name --avatar-url --attributes --attr --input --if-not-exists)
            fields=(participant_id display_name avatar_url attributes points.balance
                points.total_earned points.total_spent tier.code tier.name tier.level tier.color
                tier.achieved_at tier.next_tier.code tier.next_tier.name
                tier.next_tier.points_required tier.next_tier.points_remaining badges
                streaks.current streaks.longest streaks.last_activity_at rewards_claimed
                total_events is_active created_at badges.code badges.name badges.rarity
                badges.earned badges.earned_at points streaks tier tier.next_tier)
            ;;
        'participants get')
            fields=(participant_id display_name avatar_url attributes points.balance
                points.total_earned points.total_spent tier.code tier.name tier.level tier.color
                tier.achieved_at tier.next_tier.code tier.next_tier.name
                tier.next_tier.points_required tier.next_tier.points_remaining badges
                streaks.current streaks.longest streaks.last_activity_at rewards_claimed
                total_events first_seen_at last_seen_at is_active badges.code badges.name
                badges.rarity badges.earned badges.earned_at points streaks tier tier.next_tier)
            ;;
        'participants update')
            options=(--display-name --avatar-url --attributes --attr --unset-attr --clear
                --input --if-match)
            fields=(participant_id display_name avatar_url attributes points.balance
                points.total_earned points.total_spent tier.code tier.name tier.level tier.color
                tier.achieved_at tier.next_tier.code tier.next_tier.name
                tier.next_tier.points_required tier.next_tier.points_remaining badges
                streaks.current streaks.longest streaks.last_activity_at rewards_claimed
                total_events first_seen_at last_seen_at is_active badges.code badges.name
                badges.rarity badges.earned badges.earned_at points streaks tier tier.next_tier)
            ;;
        'participants state')
            options=(--include)
            fields=(participant_id points.balance points.total_earned points.total_spent
                tier.code tier.name tier.level badges streaks.current streaks.longest
                challenges.active challenges.completed rewards.total_claimed badges.code
                badges.earned badges.earned_at challenges points rewards streaks tier)
            ;;
        'participants list')
            options=(--q --attr --tier --where --seen-before --active --inactive --sort --limit
                --all --after --count)
            fields=(participant_id display_name balance total_earned total_spent tier
                rewards_claimed total_events first_seen_at last_seen_at is_active version
                attributes)
            ;;
        'participants deactivate')
            fields=(participant_id display_name avatar_url attributes points.balance
                points.total_earned points.total_spent tier.code tier.name tier.level tier.color
                tier.achieved_at tier.next_tier.code tier.next_tier.name
                tier.next_tier.points_required tier.next_tier.points_remaining badges
                streaks.current streaks.longest streaks.last_activity_at rewards_claimed
                total_events first_seen_at last_seen_at is_active badges.code badges.name
                badges.rarity badges.earned badges.earned_at points streaks tier tier.next_tier)
            ;;
        'participants activate')
            fields=(participant_id display_name avatar_url attributes points.balance
                points.total_earned points.total_spent tier.code tier.name tier.level tier.color
                tier.achieved_at tier.next_tier.code tier.next_tier.name
                tier.next_tier.points_required tier.next_tier.points_remaining badges
                streaks.current streaks.longest streaks.last_activity_at rewards_claimed
                total_events first_seen_at last_seen_at is_active badges.code badges.name
                badges.rarity badges.earned badges.earned_at points streaks tier tier.next_tier)
            ;;
        'participants export')
            options=(--q --attr --tier --where --seen-before --active --inactive --sort --shape
                --journal --bundle)
            fields=(participant_id display_name avatar_url attributes points.balance
                points.total_earned points.total_spent tier.code tier.name tier.level tier.color
                tier.achieved_at tier.next_tier.code tier.next_tier.name
                tier.next_tier.points_required tier.next_tier.points_remaining badges
                streaks.current streaks.longest streaks.last_activity_at rewards_claimed
                total_events first_seen_at last_seen_at is_active badges.code badges.name
                badges.rarity badges.earned badges.earned_at points streaks tier tier.next_tier)
            ;;
        'participants erase')
            options=(--new-id)
            fields=(participant_id erased_at facts commands backups backups.path
                backups.made_at)
            ;;
        'participants history')
            options=(--type --since --until --limit --all --before)
            fields=(number kind data occurred_at recorded_at cause operation command actor)
            ;;
        'participants explain')
            options=(--limit --all)
            fields=(participant_id of code kind text amount number cause occurred_at operation
                command actor undone_by data nodes nodes.kind nodes.text nodes.amount
                nodes.number nodes.cause nodes.occurred_at nodes.operation nodes.command
                nodes.actor nodes.undone_by nodes.data nodes.nodes)
            ;;
        'participants diff')
            options=(--from --to)
            fields=(participant_id from to changes facts changes.field changes.from changes.to
                facts.number facts.kind facts.data facts.occurred_at facts.recorded_at
                facts.cause facts.operation facts.command facts.actor)
            ;;
        'participants import')
            options=(--format --check --on-error --results --resume --journal)
            fields=(operation file_hash lines created updated unchanged failed resumed_at
                complete)
            ;;
        'points')
            commands=(award deduct balance expiring history)
            ;;
        'points award')
            options=(--reason --metadata --expires-at --occurred-at)
            fields=(transaction_id participant_id amount new_balance tier_upgrade.code
                tier_upgrade.name tier_upgrade.level tier_upgrade.previous_code
                tier_upgrade.previous_level badges_unlocked tier_upgrade)
            ;;
        'points deduct')
            options=(--reason --metadata --occurred-at)
            fields=(transaction_id participant_id amount new_balance)
            ;;
        'points balance')
            fields=(participant_id balance total_earned total_spent)
            ;;
        'points expiring')
            options=(--by)
            fields=(participant_id by expiring lots lots.remaining lots.expires_at)
            ;;
        'points history')
            options=(--type --since --until --limit --all --before)
            fields=(id type amount balance_after reason metadata expires_at created_at)
            ;;
        'badges')
            commands=(award list)
            ;;
        'badges award')
            options=(--metadata)
            fields=(participant_id badge_code badge_name icon rarity earned_at already_earned)
            ;;
        'badges list')
            options=(--earned)
            fields=(participant_id badges total earned_count badges.code badges.name
                badges.description badges.icon badges.rarity badges.earned badges.earned_at)
            ;;
        'streaks')
            commands=(record list restore)
            ;;
        'streaks record')
            options=(--timestamp)
            fields=(streak_code new_count longest_count is_new_record already_recorded)
            ;;
        'streaks list')
            fields=(participant_id streaks streaks.code streaks.name streaks.current_count
                streaks.longest_count streaks.last_recorded_at streaks.is_at_risk
                streaks.period)
            ;;
        'streaks restore')
            options=(--reason)
            fields=(participant_id streaks streaks.code streaks.name streaks.current_count
                streaks.longest_count streaks.last_recorded_at streaks.is_at_risk
                streaks.period)
            ;;
        'events')
            commands=(record import list)
            ;;
        'events record')
            options=(--property --properties --timestamp)
            fields=(event_id fact_id status effects refused effects.rule effects.type
                effects.code effects.amount refused.rule refused.reason)
            ;;
        'events import')
            options=(--format --check --on-error --results --resume)
            fields=(operation file_hash lines created updated unchanged failed resumed_at
                complete)
            ;;
        'events list')
            options=(--event-name --since --until --limit --all --before)
            fields=(id event_name properties occurred_at)
            ;;
        'challenges')
            commands=(enroll list)
            ;;
        'challenges enroll')
            fields=(participant_id challenges challenges.code challenges.name challenges.status
                challenges.objectives challenges.enrolled_at challenges.completed_at)
            ;;
        'challenges list')
            fields=(participant_id challenges challenges.code challenges.name challenges.status
                challenges.objectives challenges.enrolled_at challenges.completed_at)
            ;;
        'tiers')
            commands=(show assign)
            ;;
        'tiers show')
            fields=(participant_id current_tier.code current_tier.name current_tier.level
                current_tier.color current_tier.achieved_at next_tier.code next_tier.name
                next_tier.points_required next_tier.points_remaining tier_history
                tier_history.code tier_history.name tier_history.achieved_at current_tier
                next_tier)
            ;;
        'tiers assign')
            options=(--reason)
            fields=(participant_id current_tier.code current_tier.name current_tier.level
                current_tier.color current_tier.achieved_at next_tier.code next_tier.name
                next_tier.points_required next_tier.points_remaining tier_history
                tier_history.code tier_history.name tier_history.achieved_at current_tier
                next_tier)
            ;;
        'rewards')
            commands=(list claim load-codes history)
            ;;
        'rewards list')
            options=(--type)
            fields=(rewards total rewards.id rewards.name rewards.type rewards.description
                rewards.points_cost rewards.available_codes rewards.max_claims_per_user
                rewards.expires_at)
            ;;
        'rewards claim')
            options=(--pay)
            fields=(claim_id participant_id reward_name reward_type code_value points_deducted
                new_balance)
            ;;
        'rewards load-codes')
            fields=(reward_id loaded duplicates duplicate_lines available_codes)
            ;;
        'rewards history')
            options=(--type --since --until --limit --all)
            fields=(participant_id rewards total rewards.claim_id rewards.reward_id rewards.name
                rewards.type rewards.code rewards.points_deducted rewards.claimed_at)
            ;;
        'leaderboards')
            commands=(show rank)
            ;;
        'leaderboards show')
            options=(--period --ranking --limit)
            fields=(leaderboard_code period entries total_participants entries.rank
                entries.participant_id entries.display_name entries.score entries.change)
            ;;
        'leaderboards rank')
            options=(--period)
            fields=(participant_id rank score total_participants percentile)
            ;;
        'program')
            commands=(init validate diff apply simulate show)
            ;;
        'program init')
            options=(--force)
            ;;
        'program validate')
            fields=(file name tiers badges streaks challenges rewards leaderboards rules)
            ;;
        'program diff')
            fields=(change kind code member before after definition)
            ;;
        'program apply')
            fields=(version applied_at name tiers badges streaks challenges rewards leaderboards
                rules)
            ;;
        'program simulate')
            options=(--since)
            fields=(summary.name summary.since summary.participants summary.facts
                summary.changed summary.erased summary.points.gaining summary.points.gained
                summary.points.losing summary.points.lost summary.balance.from
                summary.balance.to summary.balance.change summary.total_earned.from
                summary.total_earned.to summary.total_earned.change summary.total_spent.from
                summary.total_spent.to summary.total_spent.change summary.expiring.from
                summary.expiring.to summary.expiring.change summary.tiers summary.badges
                summary.challenges summary.streaks summary.clamped.participants
                summary.clamped.debits summary.clamped.points summary.refused summary.unknown
                participants participants.participant_id participants.balance
                participants.total_earned participants.total_spent participants.expiring
                participants.tier participants.badges participants.challenges
                participants.streaks participants.clamped participants.refused summary
                summary.balance summary.clamped summary.expiring summary.points
                summary.total_earned summary.total_spent)
            ;;
        'program show')
            options=(--version --all)
            fields=(version applied_at operation name timezone tier_basis tier_downgrade expires
                tiers badges streaks challenges rewards leaderboards rules inactive tiers.code
                tiers.name tiers.level tiers.points_required tiers.color badges.code badges.name
                badges.rarity badges.description badges.icon badges.criterion streaks.code
                streaks.name streaks.period streaks.timezone streaks.week_starts streaks.grace
                streaks.freezes challenges.code challenges.name challenges.window
                challenges.objectives challenges.reward rewards.id rewards.name
                rewards.description rewards.expires_at rewards.type rewards.points_cost
                rewards.max_claims_per_user rewards.stock leaderboards.code leaderboards.name
                leaderboards.metric leaderboards.period rules.code rules.event rules.where
                rules.points rules.expires rules.streak rules.badge rules.limit)
            ;;
        'operations')
            commands=(list show undo)
            ;;
        'operations list')
            options=(--participant --limit --all --after)
            fields=(id command actor recorded_at program participants facts undone_by)
            ;;
        'operations show')
            fields=(id command actor recorded_at program participants facts undone_by)
            ;;
        'operations undo')
            options=(--on-short)
            fields=(operation command undo participants facts points void codes shortfalls
                refused complete codes.participant_id codes.reward_id codes.code
                shortfalls.participant_id shortfalls.fact shortfalls.points shortfalls.missing
                refused.participant_id refused.fact refused.kind refused.reason)
            ;;
        'profiles')
            commands=(list show current add use test remove)
            ;;
        'profiles list')
            fields=(name is_default store url protected key_source)
            ;;
        'profiles show')
            fields=(name is_default store url protected key.source key.place key.is_there
                key.problem key)
            ;;
        'profiles current')
            fields=(name chosen_by store url protected)
            ;;
        'profiles add')
            options=(--url --key-source --key-command --key-stdin --protected --replace)
            fields=(name is_default store url protected key_source)
            ;;
        'profiles use')
            fields=(name is_default store url protected key_source)
            ;;
        'profiles test')
            fields=(name store url key latency_ms)
            ;;
        'profiles remove')
            fields=(name is_default store url protected key_source)
            ;;
        'config')
            commands=(list get set unset edit path)
            ;;
        'config list')
            fields=(key value origin place)
            ;;
        'config get')
            fields=(key value origin place)
            ;;
        'config set')
            fields=(key value origin place)
            ;;
        'config unset')
            fields=(key value origin place)
            ;;
        'config edit')
            fields=(path exists)
            ;;
        'config path')
            fields=(path exists)
            ;;
        'keys')
            commands=(create list revoke)
            ;;
        'keys create')
            options=(--name --scope --expires --rate-limit --test)
            fields=(key_id key name scope rate_limit status created_at expires_at revoked_at)
            ;;
        'keys list')
            fields=(key_id name scope rate_limit status created_at expires_at revoked_at)
            ;;
        'keys revoke')
            fields=(key_id name scope rate_limit status created_at expires_at revoked_at)
            ;;
        'store')
            commands=(info backup verify restore sweep upgrade)
            ;;
        'store info')
            fields=(path exists identity created_at schema test_clock participants facts bytes
                last_backup.path last_backup.made_at last_backup)
            ;;
        'store backup')
            options=(--force)
            fields=(path bytes participants facts made_at seconds)
            ;;
        'store verify')
            options=(--repair)
            fields=(participant_id field stored replayed repairable)
            ;;
        'store restore')
            fields=(path from participants facts kept seconds)
            ;;
        'store sweep')
            fields=(participants facts)
            ;;
        'store upgrade')
            fields=(path from to backup)
            ;;
        'completion')
            commands=(install uninstall show)
            ;;
        'completion install')
            fields=(shell path outcome)
            ;;
        'completion uninstall')
            fields=(shell path outcome)
            ;;
        'commands')
            fields=(name summary options arguments examples exit_codes commands)
            ;;
        'doctor')
            options=(--all)
            fields=(check profile status detail hint)
            ;;
        'serve')
            options=(--host --port --tls-cert --tls-key --behind-tls-proxy --access-log
                --no-access-log)
            ;;
        'version')
            fields=(gamify python sqlite)
            ;;
    esac
}

# What may stand after the option $1, or as the argument of that number, from 0.
_gamify_values() {
    case $path:$1 in
        *:-p | *:--profile | *:--confirm | 'profiles show:0' | 'profiles use:0' | \
            'profiles test:0' | 'profiles remove:0')
            _gamify_ask profiles
            ;;
        *:--store | 'participants create:--input' | 'participants update:--input' | \
            'participants import:--results' | 'participants import:0' | \
            'events import:--results' | 'events import:0' | 'rewards load-codes:1' | \
            'program init:0' | 'program validate:0' | 'program diff:0' | 'program apply:0' | \
            'program simulate:0' | 'store backup:0' | 'store restore:0' | 'serve:--tls-cert' | \
            'serve:--tls-key')
            compopt -o default
            ;;
        *:-o | *:--output)
            found=(auto table json jsonl csv tsv ids)
            ;;
        *:--fields)
            _gamify_list "${fields[@]}"
            ;;
        *:--color)
            found=(auto always never)
            ;;
        'participants create:0' | 'participants get:'[0-9]* | 'participants update:'[0-9]* | \
            'participants state:'[0-9]* | 'participants exists:0' | \
            'participants deactivate:'[0-9]* | 'participants activate:'[0-9]* | \
            'participants export:0' | 'participants erase:0' | 'participants history:0' | \
            'participants explain:0' | 'participants diff:0' | 'points award:0' | \
            'points deduct:0' | 'points balance:'[0-9]* | 'points expiring:'[0-9]* | \
            'points history:0' | 'badges award:0' | 'badges list:'[0-9]* | 'streaks record:0' | \
            'streaks list:'[0-9]* | 'streaks restore:0' | 'events record:0' | 'events list:0' | \
            'challenges enroll:0' | 'challenges list:'[0-9]* | 'tiers show:'[0-9]* | \
            'tiers assign:0' | 'rewards claim:0' | 'rewards history:0' | 'leaderboards rank:0')
            _gamify_ask ids
            ;;
        'participants update:--clear')
            found=(display-name avatar-url attributes)
            ;;
        'participants state:--include')
            _gamify_list points tier badges streaks challenges rewards
            ;;
        'participants list:--tier' | 'participants export:--tier' | 'tiers assign:1')
            _gamify_ask tiers
            ;;
        'participants list:--where' | 'participants export:--where')
            found=(balance total_earned total_spent total_events rewards_claimed version)
            compopt -o nospace
            ;;
        'participants list:--sort' | 'participants export:--sort')
            found=(participant_id display_name tier first_seen_at last_seen_at balance
                total_earned total_spent total_events rewards_claimed version -participant_id
                -display_name -tier -first_seen_at -last_seen_at -balance -total_earned
                -total_spent -total_events -rewards_claimed -version)
            ;;
        'participants export:--shape')
            found=(profile state row bundle)
            ;;
        'participants history:--type')
            found=(registered profile_changed deactivated activated points_awarded
                points_deducted points_expired tier_changed badge_earned streak_recorded
                streak_restored streak_moved event_recorded challenge_enrolled
                challenge_completed reward_claimed reversed erased)
            ;;
        'participants explain:1')
            found=(points tier badge streak reward event)
            ;;
        'participants import:--format' | 'events import:--format')
            found=(jsonl csv tsv)
            ;;
        'participants import:--on-error' | 'events import:--on-error')
            found=(continue stop)
            ;;
        'points history:--type')
            found=(award deduct expire claim reversal)
            ;;
        'badges award:1')
            _gamify_ask badges
            ;;
        'streaks record:1' | 'streaks restore:1')
            _gamify_ask streaks
            ;;
        'challenges enroll:1')
            _gamify_ask challenges
            ;;
        'rewards list:--type' | 'rewards history:--type')
            found=(coupon voucher physical digital points_multiplier)
            ;;
        'rewards claim:1' | 'rewards load-codes:0')
            _gamify_ask rewards
            ;;
        'leaderboards show:--period' | 'leaderboards rank:--period')
            found=(all_time yearly monthly weekly daily)
            ;;
        'leaderboards show:--ranking')
            found=(competition dense)
            ;;
        'leaderboards show:0' | 'leaderboards rank:1')
            _gamify_ask leaderboards
            ;;
        'profiles add:--key-source')
            found=(keyring file command env)
            ;;
        'keys create:--scope')
            found=(participant admin)
            ;;
        'keys create:--rate-limit')
            found=(none)
            ;;
        'keys revoke:'[0-9]*)
            _gamify_ask keys
            ;;
        'completion install:0' | 'completion uninstall:0' | 'completion show:0')
            found=(bash zsh fish)
            ;;
        'help:'[0-9]*)
            found=(exit-codes errors output profiles environment program automation participants
                points badges streaks events challenges tiers rewards leaderboards program
                operations profiles config keys store completion commands help doctor schema
                serve version)
            ;;
        'schema:0')
            found=(openapi created profile state participants_found row participants erased
                bundle fact facts difference award deduction award_results balance expiring
                transaction transactions badge_award badges tier tick streaks event_answer
                event_results import restored import_result event events challenges claim
                rewards claims loaded leaderboard rank program programs applied checked change
                operation operations simulated simulation simulation_part undone store sweep
                upgrade backup put_back drift version commands explanation key new_key
                connection connection_details current tested setting config_file finding
                completion rehearsal error)
            ;;
    esac
}

# Of several words with commas between them, those before the last stay.
_gamify_list() {
    [[ $typed == *,* ]] && prefix=${typed%,*},
    found=("$@")
}

# What gamify itself knows of a kind, such as ids, in the store that the line chooses.
_gamify_ask() {
    local begun=${typed#"$prefix"}
    mapfile -t found < <(gamify __complete "$1" "${target[@]}" -- "$begun" 2> /dev/null)
}

# Split a line into `words`, unquoted. Where it ends, the quote `open` is still open, and readline
# keeps `head` of the last word as it is.
_gamify_split() {
    local rest=$1 char before=' ' kept='' last=0
    words=('') open='' head=''
    while [[ $rest ]]; do
        char=${rest:0:1} rest=${rest:1}
        if [[ $char == "$open" ]]; then
            open='' head=$kept
        elif [[ ! $open && $char == [\'\"] ]]; then
            open=$char kept=$head head=${words[last]}
        elif [[ $char == \\ && $open != \' ]]; then
            [[ $open && $rest != [\"\\\$\`]* ]] && words[last]+=$char
            words[last]+=${rest:0:1} rest=${rest:1}
        elif [[ ! $open && $char == [[:space:]] ]]; then
            [[ $before == [[:space:]] ]] || words[++last]='' head=''
        else
            words[last]+=$char
            # Readline replaces an @ together with what follows it.
            [[ ! $open && $COMP_WORDBREAKS == *"$char"* ]] && head=${words[last]%@}
        fi
        before=$char
    done
}

# The options of the line that choose a store.
_gamify_target() {
    local i
    for ((i = 1; i < ${#words[@]}; i++)); do
        case ${words[i]} in
            --store | --profile | -p) target+=("${words[i]}" "${words[++i]}") ;;
            --store=* | --profile=* | -p*) target+=("${words[i]}") ;;
        esac
    done
}

# Go down the tree along the words before the cursor.
_gamify_walk() {
    local word valued=(
        -p --profile --store -o --output --fields --jq --at --known-at --confirm
        --idempotency-key --timeout --jobs --color --display-name --avatar-url --attributes
        --unset-attr --clear --input --if-match --include --q --attr --tier --where
        --seen-before --sort --shape --from --to --expires-at --occurred-at --by --metadata
        --property --properties --timestamp --format --on-error --results --event-name --before
        --reason --type --until --ranking --period --since --version --participant --limit
        --after --on-short --url --key-source --key-command --name --scope --expires
        --rate-limit --host --port --tls-cert --tls-key
    )
    _gamify_at
    for word in "${words[@]:1:${#words[@]}-2}"; do
        [[ ! $ended && $word =~ ^-[nyqvh]*[po]$ ]] && word=-${word: -1}
        if [[ $option ]]; then
            option=''
        elif [[ ! $ended && $word == -- ]]; then
            ended=1
        elif [[ ! $ended && $word == -?* ]]; then
            [[ " ${valued[*]} " == *" $word "* ]] && option=$word
        elif [[ " ${commands[*]} " == *" $word "* ]]; then
            path+=${path:+ }$word
            _gamify_at
        else
            ((++given))
        fi
    done
}

# What may stand at the cursor, in `found`.
_gamify_find() {
    local globals=(
        -p --profile --store -o --output --json --fields --jq --at --known-at -n --dry-run -y
        --yes --confirm --no-input --idempotency-key --timeout --jobs --color -q --quiet -v
        --verbose --debug -h --help
    )
    if [[ ! $option && ! $ended && $typed == --*=* ]]; then
        option=${typed%%=*} prefix=${typed%%=*}=
    fi
    if [[ $typed == [\<\>]* || ${words[*]: -2:1} == *[\<\>] ]]; then
        compopt -o default
    elif [[ $option ]]; then
        _gamify_values "$option"
    elif [[ ! $ended && $typed == -* ]]; then
        found=("${options[@]}" "${globals[@]}")
    elif ((given == 0)) && [[ ${commands[*]} ]]; then
        found=("${commands[@]}")
    else
        _gamify_values "$given"
    fi
}

# Quote $1 as it has to stand at the cursor.
_gamify_quote() {
    case $open in
        \') quoted=${1//\'/\'\\\'\'} ;;
        \")
            quoted=${1//\\/\\\\} quoted=${quoted//\"/\\\"} quoted=${quoted//\$/\\\$}
            quoted=${quoted//\`/\\\`} quoted=${quoted//\!/\"\\\!\"}
            ;;
        *) printf -v quoted %q "$1" && quoted=${quoted//\\,/,} ;;
    esac
}

_gamify() {
    local IFS=$' \t\n' words=() open='' head='' target=() path='' commands options fields
    local option='' ended='' given=0 typed prefix='' found=() word quoted
    COMPREPLY=()
    _gamify_split "$COMP_LINE"
    _gamify_target
    _gamify_split "${COMP_LINE:0:COMP_POINT}"
    _gamify_walk
    typed=${words[${#words[@]} - 1]}
    _gamify_find
    for word in "${found[@]}"; do
        [[ $prefix$word == "$typed"* ]] || continue
        word=$prefix$word
        _gamify_quote "${word#"$head"}"
        COMPREPLY+=("$quoted")
    done
}

complete -F _gamify gamify
