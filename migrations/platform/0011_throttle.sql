-- How often somebody has tried: by account and by network, whatever they try to get in with. It
-- belongs to no organization, and says of no account whether it exists.

create table throttle (
    -- What is tried, and the digest of the account's address, or the network.
    key text primary key not null,
    -- From when on tries count.
    window_started_at timestamptz not null,
    count bigint not null,
    -- Until when the next try has to wait; null below the limit.
    paused_until timestamptz,
    -- Whether the last try came too early, and so was none.
    was_refused boolean not null
);

create index throttle_window_started_at on throttle (window_started_at);
