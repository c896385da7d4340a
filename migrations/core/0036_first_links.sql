-- Links by which the first operator makes their account: printed where the service is started, for as long
-- as the installation has no operator.
create table first_links (
    token_hash bytea primary key,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    -- When somebody has become the first operator with it.
    used_at timestamptz,
    -- When a newer one was printed.
    replaced_at timestamptz
);
