-- Which keys have sealed something here: a key file that is gone, or another one in its place, is
-- noticed before anybody needs what it opens.
create table secret_keys (
    -- Tells keys apart and opens nothing.
    id bytea primary key,
    used_since timestamptz not null,
    -- The operator knows that this key is gone for good.
    lost_at timestamptz
);
