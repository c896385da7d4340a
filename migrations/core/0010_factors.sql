-- What a sign-in asks for besides the password: codes of an authenticator app, recovery codes and
-- passkeys. None of it belongs to an organization.

create table totp_factors (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    name text not null,
    -- Sealed for this row.
    sealed_seed bytea not null,
    created_at timestamptz not null,
    -- Null until a code has shown that the app has the seed; until then it opens nothing.
    confirmed_at timestamptz,
    last_used_at timestamptz,
    -- The newest step whose code was taken: it and those before it are taken no more.
    last_step bigint not null
);

create index totp_factors_user on totp_factors (user_id);

create table recovery_codes (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    -- SHA-256: a code has 125 random bits.
    code_hash bytea not null,
    created_at timestamptz not null,
    used_at timestamptz,
    constraint recovery_codes_code_hash_key unique (code_hash)
);

create index recovery_codes_user on recovery_codes (user_id);

create table passkeys (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    name text not null,
    credential_id bytea not null,
    -- The public key and what goes with it.
    public_key bytea not null,
    -- What each use may change: the counter, and whether the key is backed up.
    state bytea not null,
    transports bigint not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    constraint passkeys_credential_id_key unique (credential_id)
);

create index passkeys_user on passkeys (user_id);

-- Wrong passwords, codes and passkeys of people who are asked for one more: they are counted by
-- account, and each belongs to no code.
create table factor_failures (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    failed_at timestamptz not null
);

create index factor_failures_user on factor_failures (user_id, failed_at);

-- Half-way sign-ins and challenges travel in sealed cookies; here stand those that were used up.
create table spent_challenges (
    id uuid primary key,
    expires_at timestamptz not null
);

-- When the person has last shown who they are: at the sign-in, and when something asked again.
alter table sign_ins add column stepped_up_at timestamptz;

-- Members without a second factor are asked to add one before anything of it opens.
alter table organizations add column requires_factor boolean not null default false;
