-- What is known of a sign-in beside its browser, and accounts that cannot be signed in to.

-- What was shown to sign in, in words; null for sign-ins from before this was kept.
alter table sign_ins add column signed_in_with text;

-- From when on nobody signs in to it: an operator has decided so.
alter table users add column suspended_at timestamptz;
-- For the person to read.
alter table users add column suspended_reason text;

-- By which operators list people.
create index users_name on users (name_key, id);
create index users_created on users (created_at, id);
