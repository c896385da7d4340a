-- People, their sign-ins, and the tokens mailed to them. None of it belongs to an organization.

create table users (
    id uuid primary key,
    name text not null,
    -- The name in lower case, by which it is searched and sorted on either engine.
    name_key text not null,
    -- In its canonical form: one account for each address.
    email text not null,
    -- When the address was proved by a link; null until then.
    email_verified_at timestamptz,
    -- Argon2id in PHC form.
    password_hash text not null,
    created_at timestamptz not null,
    constraint users_email_key unique (email)
);

-- Session data of tower-sessions, under the digest of the session's id.
create table sessions (
    id text primary key not null,
    data bytea not null,
    expiry_date timestamptz not null
);

-- The authority on who is signed in; read on every request.
create table sign_ins (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    -- SHA-256 of the session's id.
    session_hash bytea not null,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    -- "Keep me signed in".
    kept boolean not null,
    address text not null,
    user_agent text not null,
    ended_at timestamptz,
    last_organization_id uuid,
    constraint sign_ins_session_hash_key unique (session_hash)
);

create index sign_ins_user on sign_ins (user_id, last_seen_at);

create table account_tokens (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    purpose text not null check (purpose in ('reset', 'verify')),
    -- The address it was sent to: it proves this one and no other.
    email text not null,
    token_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    replaced_at timestamptz,
    constraint account_tokens_token_hash_key unique (token_hash)
);

-- Only the newest token of a kind works.
create unique index account_tokens_newest
    on account_tokens (user_id, purpose) where used_at is null and replaced_at is null;
