-- Changes of an account's address. The new one counts once the link sent to it was confirmed; the
-- link sent to the old one undoes that for a while.
create table address_changes (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    old_email text not null,
    new_email text not null,
    -- Of the token sent to the new address: it proves this one and no other.
    token_hash bytea not null,
    -- Of the token sent to the old address, where that one was proved.
    undo_hash bytea,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    replaced_at timestamptz,
    confirmed_at timestamptz,
    -- Until then nobody else gets the old address.
    undo_until timestamptz,
    undone_at timestamptz,
    constraint address_changes_token_hash_key unique (token_hash),
    constraint address_changes_undo_hash_key unique (undo_hash)
);

create unique index address_changes_newest
    on address_changes (user_id) where confirmed_at is null and replaced_at is null;
create index address_changes_user on address_changes (user_id, created_at);
create index address_changes_old on address_changes (old_email);
