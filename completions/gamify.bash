# Completion of gamify for bash 4 and later.
# `make generate` writes this file from the command tree; do not edit it.

# What may stand at `path` in the tree; `ids` tells how many arguments are ids.
_gamify_at() {
    commands=() options=() ids=none
    case $path in
        '')
            commands=(participants points badges streaks events challenges tiers rewards
                leaderboards program profiles config keys store commands help doctor schema
                serve version)
            options=(--version)
            ;;
        'participants')
            commands=(create get update state list exists deactivate activate history)
            ;;
        'participants create')
            options=(--display-name --avatar-url --attributes --attr --input --if-not-exists)
            ids=one
            ;;
        'participants get')
            ids=all
            ;;
        'participants update')
            options=(--display-name --avatar-url --attributes --attr --unset-attr --clear
                --input --if-match)
            ids=all
            ;;
        'participants state')
            options=(--include)
            ids=all
            ;;
        'participants list')
            options=(--q --attr --tier --where --seen-before --active --inactive --sort --limit
                --all --after --count)
            ;;
        'participants exists')
            ids=one
            ;;
        'participants deactivate')
            ids=all
            ;;
        'participants activate')
            ids=all
            ;;
        'participants history')
            options=(--type --since --until --limit --all --before)
            ids=one
            ;;
        'points')
            commands=(award deduct balance expiring history)
            ;;
        'points award')
            options=(--reason --metadata --expires-at --occurred-at)
            ids=one
            ;;
        'points deduct')
            options=(--reason --metadata --occurred-at)
            ids=one
            ;;
        'points balance')
            ids=all
            ;;
        'points expiring')
            options=(--by)
            ids=all
            ;;
        'points history')
            options=(--type --since --until --limit --all --before)
            ids=one
            ;;
        'badges')
            commands=(award list)
            ;;
        'badges award')
            options=(--metadata)
            ids=one
            ;;
        'badges list')
            options=(--earned)
            ids=all
            ;;
        'streaks')
            commands=(record list restore)
            ;;
        'streaks record')
            options=(--timestamp)
            ids=one
            ;;
        'streaks list')
            ids=all
            ;;
        'streaks restore')
            options=(--reason)
            ids=one
            ;;
        'events')
            commands=(record import list)
            ;;
        'events record')
            options=(--property --properties --timestamp)
            ids=one
            ;;
        'events list')
            options=(--event-name --since --until --limit --all --before)
            ids=one
            ;;
        'challenges')
            commands=(enroll list)
            ;;
        'challenges enroll')
            ids=one
            ;;
        'challenges list')
            ids=all
            ;;
        'tiers')
            commands=(show assign)
            ;;
        'tiers show')
            ids=all
            ;;
        'tiers assign')
            options=(--reason)
            ids=one
            ;;
        'rewards')
            commands=(list claim load-codes history)
            ;;
        'rewards list')
            options=(--type)
            ;;
        'rewards claim')
            options=(--pay)
            ids=one
            ;;
        'rewards history')
            options=(--type --since --until --limit --all)
            ids=one
            ;;
        'leaderboards')
            commands=(show rank)
            ;;
        'leaderboards show')
            options=(--period --ranking --limit)
            ;;
        'leaderboards rank')
            options=(--period)
            ids=one
            ;;
        'program')
            commands=(init validate diff apply show)
            ;;
        'program init')
            options=(--force)
            ;;
        'program show')
            options=(--version --all)
            ;;
        'profiles')
            commands=(list show current add use test remove)
            ;;
        'profiles add')
            options=(--url --key-source --key-command --key-stdin --protected --replace)
            ;;
        'config')
            commands=(list get set unset edit path)
            ;;
        'keys')
            commands=(create list revoke)
            ;;
        'keys create')
            options=(--name --scope --expires --rate-limit --test)
            ;;
        'store')
            commands=(info sweep upgrade)
            ;;
        'doctor')
            options=(--all)
            ;;
        'serve')
            options=(--host --port --tls-cert --tls-key --behind-tls-proxy --access-log
                --no-access-log)
            ;;
    esac
}

# What the option `option` takes.
_gamify_values() {
    case $option in
        --store)
            compopt -o default
            ;;
        -o | --output)
            found=(auto table json jsonl csv tsv ids)
            ;;
        --color)
            found=(auto always never)
            ;;
        --clear)
            found=(display-name avatar-url attributes)
            ;;
        --input)
            compopt -o default
            ;;
        --include)
            [[ $typed == *,* ]] && prefix=${typed%,*},
            found=(points tier badges streaks challenges rewards)
            ;;
        --sort)
            found=(participant_id display_name tier first_seen_at last_seen_at balance
                total_earned total_spent total_events rewards_claimed version -participant_id
                -display_name -tier -first_seen_at -last_seen_at -balance -total_earned
                -total_spent -total_events -rewards_claimed -version)
            ;;
        --type)
            found=(registered profile_changed deactivated activated points_awarded
                points_deducted points_expired tier_changed badge_earned streak_recorded
                streak_restored streak_moved event_recorded challenge_enrolled
                challenge_completed reward_claimed)
            ;;
    esac
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
        -p --profile --store -o --output --fields --jq --at --confirm --idempotency-key
        --timeout --jobs --color --display-name --avatar-url --attributes --unset-attr --clear
        --input --if-match --include --q --attr --tier --where --seen-before --sort --after
        --expires-at --occurred-at --by --metadata --property --properties --timestamp
        --event-name --before --reason --type --since --until --ranking --limit --period
        --version --url --key-source --key-command --name --scope --expires --rate-limit --host
        --port --tls-cert --tls-key
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
        -p --profile --store -o --output --json --fields --jq --at -n --dry-run -y --yes
        --confirm --no-input --idempotency-key --timeout --jobs --color -q --quiet -v --verbose
        --debug -h --help
    )
    if [[ ! $option && ! $ended && $typed == --*=* ]]; then
        option=${typed%%=*} prefix=${typed%%=*}=
    fi
    if [[ $typed == [\<\>]* || ${words[*]: -2:1} == *[\<\>] ]]; then
        compopt -o default
    elif [[ $option ]]; then
        _gamify_values
    elif [[ ! $ended && $typed == -* ]]; then
        found=("${options[@]}" "${globals[@]}")
    elif ((given == 0)) && [[ ${commands[*]} ]]; then
        found=("${commands[@]}")
    elif [[ $ids == all || ($ids == one && $given == 0) ]]; then
        mapfile -t found < <(gamify __complete ids "${target[@]}" -- "$typed" 2> /dev/null)
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
    local IFS=$' \t\n' words=() open='' head='' target=() path='' commands options ids
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
