-- The picture of a person, drawn anew from what they sent; one for each. It belongs to no
-- organization, and goes with its account.
create table pictures (
    user_id uuid primary key references users (id) on delete cascade,
    -- What it is served as: random, and another for each picture.
    id text not null,
    media_type text not null check (media_type in ('image/jpeg', 'image/png')),
    bytes bytea not null,
    created_at timestamptz not null,
    constraint pictures_id_key unique (id)
);
