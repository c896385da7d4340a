-- Who is next when many mails wait: what opens or guards an account goes first, and organizations
-- take turns.

-- Whether it goes before all others.
alter table outbox add column is_urgent boolean not null default false;
-- Its place behind the other mails of its organization, as microseconds: each is a second after the
-- one before, so that whoever writes once comes before the rest of a long list.
alter table outbox add column turn bigint not null default 0;
-- Since when a worker has it; null while none does.
alter table outbox add column claimed_at timestamptz;

drop index outbox_due;
create index outbox_turn on outbox (is_urgent, turn, next_attempt_at) where status = 'queued';
create index outbox_last_turn on outbox (organization_id, turn) where status = 'queued';
create index outbox_claimed on outbox (organization_id, next_attempt_at)
    where status = 'queued' and claimed_at is not null;

-- What people have sent to addresses that they typed, over all organizations: by it are counted how
-- much one person sends and one address gets. It goes after a month, unless somebody joined.
create table stranger_mails (
    id uuid primary key,
    sender_id uuid not null references users (id),
    -- The digest of the address.
    recipient_hash bytea not null,
    sent_at timestamptz not null,
    -- When whoever has the address joined at this person's invitation.
    joined_at timestamptz
);

create index stranger_mails_sender on stranger_mails (sender_id, sent_at);
create index stranger_mails_recipient on stranger_mails (recipient_hash, sent_at);
create index stranger_mails_sent on stranger_mails (sent_at);
