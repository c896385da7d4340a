-- Browsers that somebody has signed in with before. A guess from one of them counts against it
-- alone, so that what strangers guess does not keep its owner out. It belongs to no organization.
create table devices (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    -- Of the token in the browser's cookie. A browser may be known for several accounts: it has one
    -- token, and a row for each.
    token_hash bytea not null,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    constraint devices_user_id_token_hash_key unique (user_id, token_hash)
);

create index devices_token_hash on devices (token_hash);
create index devices_last_used_at on devices (last_used_at);

-- Tries that were not right since the last one that was, however long ago, and when the last was.
alter table throttle add column in_a_row bigint not null default 0;
alter table throttle add column tried_at timestamptz;

-- Wrong codes and passwords of people who are half-way in, or signed in, are counted there, too.
drop table factor_failures;

-- How many mails of a kind somebody has got lately.
create index outbox_recipient on outbox (recipient, created_at);
