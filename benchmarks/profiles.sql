-- Every profile as `participants export` shows it, a JSON object a line, in the order of ids.
-- What the example program says (tiers, badges) stands here as constants.
SELECT json_object(
    'participant_id', participant_id,
    'display_name', display_name,
    'avatar_url', avatar_url,
    'attributes', json(attributes),
    'points', json_object(
        'balance', balance,
        'total_earned', total_earned,
        'total_spent', total_spent
    ),
    'tier', CASE WHEN tier IS NOT NULL THEN json_object(
        'code', tier,
        'name', CASE tier
            WHEN 'bronze' THEN 'Bronze' WHEN 'silver' THEN 'Silver'
            WHEN 'gold' THEN 'Gold' WHEN 'platinum' THEN 'Platinum'
        END,
        'level', CASE tier
            WHEN 'bronze' THEN 1 WHEN 'silver' THEN 2 WHEN 'gold' THEN 3 WHEN 'platinum' THEN 4
        END,
        'color', CASE tier
            WHEN 'bronze' THEN '#CD7F32' WHEN 'silver' THEN '#C0C0C0'
            WHEN 'gold' THEN '#FFD700' WHEN 'platinum' THEN '#E5E4E2'
        END,
        'achieved_at', strftime('%Y-%m-%dT%H:%M:%SZ', (state ->> 'tier_since') / 1000000, 'unixepoch'),
        'next_tier', CASE tier
            WHEN 'bronze' THEN json_object(
                'code', 'silver', 'name', 'Silver', 'points_required', 500,
                'points_remaining', max(0, 500 - balance)
            )
            WHEN 'silver' THEN json_object(
                'code', 'gold', 'name', 'Gold', 'points_required', 1000,
                'points_remaining', max(0, 1000 - balance)
            )
            WHEN 'gold' THEN json_object(
                'code', 'platinum', 'name', 'Platinum', 'points_required', 10000,
                'points_remaining', max(0, 10000 - balance)
            )
        END
    ) END,
    'badges', json((
        SELECT json_group_array(json_object(
            'code', key,
            'name', CASE key
                WHEN 'first_steps' THEN 'First Steps' WHEN 'power_user' THEN 'Power User'
            END,
            'rarity', CASE key WHEN 'first_steps' THEN 'common' WHEN 'power_user' THEN 'epic' END,
            'earned', json('true'),
            'earned_at', strftime('%Y-%m-%dT%H:%M:%SZ', value / 1000000, 'unixepoch')
        ))
        FROM (SELECT key, value FROM json_each(state, '$.badges') ORDER BY value)
    )),
    'streaks', json((
        SELECT json_object(
            'current', CASE WHEN unixepoch() * 1000000 < value ->> 'lapses_at'
                THEN value ->> 'current' ELSE 0 END,
            'longest', value ->> 'longest',
            'last_activity_at', strftime(
                '%Y-%m-%dT%H:%M:%SZ', (value ->> 'last_recorded_at') / 1000000, 'unixepoch'
            )
        )
        FROM json_each(state, '$.streaks')
        ORDER BY
            CASE WHEN unixepoch() * 1000000 < value ->> 'lapses_at'
                THEN value ->> 'current' ELSE 0 END DESC,
            value ->> 'longest' DESC,
            value ->> 'last_recorded_at' DESC
        LIMIT 1
    )),
    'rewards_claimed', rewards_claimed,
    'total_events', total_events,
    'first_seen_at', strftime('%Y-%m-%dT%H:%M:%SZ', first_seen_at / 1000000, 'unixepoch'),
    'last_seen_at', strftime('%Y-%m-%dT%H:%M:%SZ', last_seen_at / 1000000, 'unixepoch'),
    'is_active', json(CASE is_active WHEN 1 THEN 'true' ELSE 'false' END)
)
FROM participants
ORDER BY participant_id;
