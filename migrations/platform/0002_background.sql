-- Mail that waits, was sent, or failed; and background work.

create table outbox (
    id uuid primary key,
    -- Null for mail about an account.
    organization_id uuid,
    kind text not null,
    recipient text not null,
    -- The same at every try, so that a mail sent twice is shown once.
    message_id text not null,
    -- Subject, text and HTML, sealed; null once nobody needs them.
    sealed bytea,
    status text not null check (status in ('queued', 'sent', 'failed')),
    attempts bigint not null,
    -- When it is due; while a worker has it, when its lease ends.
    next_attempt_at timestamptz not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    -- The mail server's words.
    error text
);

create index outbox_due on outbox (next_attempt_at) where status = 'queued';
create index outbox_created on outbox (created_at);

create table jobs (
    id uuid primary key,
    -- Null for work about an account.
    organization_id uuid,
    kind text not null,
    payload text not null,
    attempts bigint not null,
    -- When it is due; while a worker has it, when its lease ends.
    run_at timestamptz not null,
    created_at timestamptz not null
);

create index jobs_due on jobs (run_at);
