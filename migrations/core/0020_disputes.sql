-- What was done to an account and told to its owner, with a link that says "that was not me": for
-- 72 hours it takes the account back to the moment before.
create table account_acts (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    -- The address that was told, and had been proved: the account gets it back.
    email text not null,
    token_hash bytea not null,
    -- What was done, as the mail says it.
    what text not null,
    -- The browser and the network address that did it.
    origin text not null,
    -- From when on the link takes back what was done.
    since timestamptz not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    -- From here on the link opens nothing.
    closed_at timestamptz,
    constraint account_acts_token_hash_key unique (token_hash)
);

create index account_acts_user on account_acts (user_id, since);
create index account_acts_expires_at on account_acts (expires_at);

-- The passwords that an account had in the last 72 hours: whoever takes it back knows the one from
-- before.
create table former_passwords (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    password_hash text not null,
    replaced_at timestamptz not null
);

create index former_passwords_user on former_passwords (user_id, replaced_at);

-- A factor that is removed opens nothing, and can come back for as long as the removal is disputed.
-- One that is disputed opens nothing either, and is asked for nevertheless: whoever reads the
-- owner's mail must not get rid of it.
alter table totp_factors add column removed_at timestamptz;
alter table totp_factors add column disputed_at timestamptz;
alter table totp_factors add column added_from text not null default '';
alter table passkeys add column removed_at timestamptz;
alter table passkeys add column disputed_at timestamptz;
alter table passkeys add column added_from text not null default '';
alter table recovery_codes add column replaced_at timestamptz;
alter table recovery_codes add column disputed_at timestamptz;

-- The links to former addresses that are on their way. From here on such a link belongs to an act;
-- address_changes.undo_hash is written no more.
insert into account_acts
    (id, user_id, email, token_hash, what, origin, since, created_at, expires_at)
select id, user_id, old_email, undo_hash, 'The address of your account was changed.', '',
       confirmed_at, confirmed_at, undo_until
from address_changes
where undo_hash is not null and undo_until is not null and confirmed_at is not null
    and undone_at is null;
