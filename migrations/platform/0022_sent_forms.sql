-- Forms that were sent and must do what they do once: by the digest of their id, what was in them and
-- who sent them. They stay for two days.
create table sent_forms (
    key bytea primary key,
    attempt bytea not null,
    leads_to text not null,
    sent_at timestamptz not null
);

create index sent_forms_sent_at on sent_forms (sent_at);
