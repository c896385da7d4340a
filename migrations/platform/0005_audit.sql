-- The audit log: what was done, by whom, to what. Each row carries the digest of the row before, so
-- that a row which is changed, removed or moved shows. What tells about people stands beside the
-- chain, which holds only its digest: it can be erased, and the chain still proves itself.

-- The organization of what belongs to none is the nil UUID, in the audit log and in the queues.
create table audit_log (
    organization_id uuid not null,
    -- 1, 2, 3, … without a gap in each organization.
    sequence bigint not null,
    at timestamptz not null,
    -- 'member', 'operator', 'person' (in no organization), 'anonymous' or 'system'.
    actor_kind text not null,
    -- The person's account.
    actor_id uuid,
    action text not null,
    object_kind text not null,
    object_id uuid,
    -- The person it happened to, where it happened to one.
    person_id uuid,
    -- The project it belongs to: whoever may not see that one does not see this.
    project_id uuid,
    request_id uuid,
    -- SHA-256 of the row in audit_details.
    details_hash bytea not null,
    -- SHA-256 of this row and of the hash of the row before.
    hash bytea not null,
    primary key (organization_id, sequence)
);

create index audit_log_project on audit_log (organization_id, project_id, sequence);
create index audit_log_actor on audit_log (organization_id, actor_id, sequence);
create index audit_log_person on audit_log (organization_id, person_id, sequence);
create index audit_log_action on audit_log (organization_id, action, sequence);
create index audit_log_object on audit_log (organization_id, object_id, sequence);
create index audit_log_at on audit_log (organization_id, at, sequence);

create table audit_details (
    organization_id uuid not null,
    sequence bigint not null,
    -- Without it a short text could be found again from its digest.
    salt bytea not null,
    -- JSON: names, address, agent, before and after.
    content text not null,
    primary key (organization_id, sequence),
    foreign key (organization_id, sequence) references audit_log (organization_id, sequence)
        on delete cascade
);

-- Where each chain ends: what is missing at the end shows, too.
create table audit_chains (
    organization_id uuid not null,
    sequence bigint not null,
    hash bytea not null,
    primary key (organization_id)
);
