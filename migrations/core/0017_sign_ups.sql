-- Sign-ups that wait for the link which is mailed, where an installation asks for it
-- (TENANTRY_SIGN_UP=confirm). There is one for each that was asked for, whether the address has an
-- account or not; what is not finished in a day is removed.
create table sign_ups (
    id uuid primary key,
    name text not null,
    email text not null,
    organization text not null,
    token_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint sign_ups_token_hash_key unique (token_hash)
);

create index sign_ups_expires_at on sign_ups (expires_at);
