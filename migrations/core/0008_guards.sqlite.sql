-- What must hold whatever a statement says, for the tables that came since: rows stay in their
-- organization, the audit log is only ever added to, an organization keeps an owner who is not
-- suspended, and it knows how many members it has.

-- What belongs to no organization belongs to the nil one.
create table outbox_in_realms (
    id uuid primary key,
    organization_id uuid not null,
    kind text not null,
    recipient text not null,
    message_id text not null,
    sealed bytea,
    status text not null check (status in ('queued', 'sent', 'failed')),
    attempts bigint not null,
    next_attempt_at timestamptz not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    error text
);
insert into outbox_in_realms
    select id, coalesce(organization_id, zeroblob(16)), kind, recipient, message_id, sealed, status,
           attempts, next_attempt_at, created_at, sent_at, error
    from outbox;
drop table outbox;
alter table outbox_in_realms rename to outbox;
create index outbox_due on outbox (next_attempt_at) where status = 'queued';
create index outbox_created on outbox (created_at);

create table jobs_in_realms (
    id uuid primary key,
    organization_id uuid not null,
    kind text not null,
    payload text not null,
    attempts bigint not null,
    run_at timestamptz not null,
    created_at timestamptz not null
);
insert into jobs_in_realms
    select id, coalesce(organization_id, zeroblob(16)), kind, payload, attempts, run_at, created_at
    from jobs;
drop table jobs;
alter table jobs_in_realms rename to jobs;
create index jobs_due on jobs (run_at);

create trigger audit_log_stay before update of organization_id on audit_log
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger audit_details_stay before update of organization_id on audit_details
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger audit_chains_stay before update of organization_id on audit_chains
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger operator_visits_stay before update of organization_id on operator_visits
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger clients_stay before update of organization_id on clients
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger projects_stay before update of organization_id on projects
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger project_members_stay before update of organization_id on project_members
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger tasks_stay before update of organization_id on tasks
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger comments_stay before update of organization_id on comments
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger comment_mentions_stay before update of organization_id on comment_mentions
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger saved_filters_stay before update of organization_id on saved_filters
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger outbox_stay before update of organization_id on outbox
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger jobs_stay before update of organization_id on jobs
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger organization_slugs_stay before update of organization_id on organization_slugs
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger audit_log_is_added_to before update on audit_log
begin select raise(abort, 'the audit log is only added to'); end;

-- What an organization left behind when it was removed may go in the end.
create trigger audit_log_is_kept before delete on audit_log
when old.organization_id = zeroblob(16)
    or exists (select 1 from organizations where id = old.organization_id)
begin select raise(abort, 'the audit log is only added to'); end;

-- The details of a person can be erased, and not be changed.
create trigger audit_details_stand before update on audit_details
begin select raise(abort, 'the audit log is only added to'); end;

create trigger audit_chains_grow before update on audit_chains
when new.sequence < old.sequence
begin select raise(abort, 'the audit log is only added to'); end;

create trigger audit_chains_are_kept before delete on audit_chains
when old.organization_id = zeroblob(16)
    or exists (select 1 from organizations where id = old.organization_id)
begin select raise(abort, 'the audit log is only added to'); end;

drop trigger memberships_keep_an_owner_update;
create trigger memberships_keep_an_owner_update after update of role, suspended_at on memberships
when old.role = 'owner' and not exists (
    select 1 from memberships
    where organization_id = old.organization_id and role = 'owner' and suspended_at is null
)
begin select raise(abort, 'an organization keeps an owner'); end;

drop trigger memberships_keep_an_owner_delete;
create trigger memberships_keep_an_owner_delete after delete on memberships
when old.role = 'owner'
    and exists (select 1 from organizations where id = old.organization_id)
    and not exists (
        select 1 from memberships
        where organization_id = old.organization_id and role = 'owner' and suspended_at is null
    )
begin select raise(abort, 'an organization keeps an owner'); end;

create trigger memberships_count_insert after insert on memberships
begin
    update organizations set member_count = member_count + 1 where id = new.organization_id;
end;
create trigger memberships_count_delete after delete on memberships
begin
    update organizations set member_count = member_count - 1 where id = old.organization_id;
end;
