-- Links that anyone who has one can join an organization with. An organization has one at a time; a new
-- one replaces it, and the one before then says so.
create table join_links (
    organization_id uuid not null references organizations (id) on delete cascade,
    id uuid not null,
    token_hash bytea not null,
    -- The token, sealed, to be shown again to those who may invite.
    sealed_token bytea not null,
    role text not null,
    -- The domains of the addresses that it is for, with commas between; empty for any address.
    domains text not null,
    -- How many people can join with it; null for any number.
    max_uses bigint,
    uses bigint not null,
    -- It works for as long as this person may invite somebody to its role.
    made_by uuid not null references users (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    ended_as text check (ended_as in ('replaced', 'turned_off', 'withdrawn')),
    primary key (organization_id, id),
    constraint join_links_token_hash_key unique (token_hash),
    constraint join_links_uses_check check (uses >= 0 and (max_uses is null or uses <= max_uses)),
    foreign key (organization_id, role) references roles (organization_id, key)
);

create unique index join_links_current on join_links (organization_id) where ended_at is null;
