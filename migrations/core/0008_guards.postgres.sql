-- What must hold whatever a statement says: row-level security and immovable rows on every table
-- with an organization, an audit log that is only ever added to, an owner who is not suspended, and
-- the count of members.

-- What belongs to no organization belongs to the nil one.
update outbox set organization_id = '00000000-0000-0000-0000-000000000000'
where organization_id is null;
alter table outbox alter column organization_id set not null;
update jobs set organization_id = '00000000-0000-0000-0000-000000000000'
where organization_id is null;
alter table jobs alter column organization_id set not null;

-- Confines a table: its rows are seen, written and kept inside the organization that the transaction
-- says it works in. A transaction that says nothing gets an error and not an answer.
create procedure confine(confined regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', confined);
    execute format('alter table %s force row level security', confined);
    execute format(
        'create policy tenant on %s
         using (organization_id = current_setting(''app.organization_id'')::uuid)
         with check (organization_id = current_setting(''app.organization_id'')::uuid)',
        confined
    );
    execute format('drop trigger if exists %I on %s', confined || '_stay', confined);
    execute format(
        'create trigger %I before update of organization_id on %s
         for each row execute function refuse_another_organization()',
        confined || '_stay', confined
    );
end $$;

call confine('roles');
call confine('memberships');
call confine('invitations');
call confine('invitation_links');
call confine('audit_log');
call confine('audit_details');
call confine('audit_chains');
call confine('operator_visits');
call confine('clients');
call confine('projects');
call confine('project_members');
call confine('tasks');
call confine('comments');
call confine('comment_mentions');
call confine('saved_filters');
call confine('outbox');
call confine('jobs');
call confine('organization_slugs');

-- An organization's own row is changed from inside.
alter table organizations enable row level security;
alter table organizations force row level security;
create policy tenant on organizations
    using (id = current_setting('app.organization_id')::uuid)
    with check (id = current_setting('app.organization_id')::uuid);

-- What is looked up before the organization is known is looked up in another role, so that the
-- policies above are all that counts inside an organization. It may do nothing to what tenants work
-- with, and sees what the asker presents: a person their own memberships and visits, the holder of an
-- address the invitations to it, the holder of a token its link. Names and addresses of organizations
-- are a directory. A role belongs to the whole server: another database of it may have made it.
do $$ begin
    create role tenantry_lookup nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
exception when duplicate_object or unique_violation then null;
end $$;

create policy to_everybody on organizations for select to tenantry_lookup using (true);
create policy to_everybody on organization_slugs for select to tenantry_lookup using (true);
create policy to_member on memberships for select to tenantry_lookup
    using (user_id = nullif(current_setting('app.user_id', true), '')::uuid);
create policy to_operator on operator_visits for select to tenantry_lookup
    using (user_id = nullif(current_setting('app.user_id', true), '')::uuid);
create policy to_invitee on invitations for select to tenantry_lookup
    using (email = nullif(current_setting('app.user_email', true), ''));
create policy to_holder on roles for select to tenantry_lookup using (
    exists (
        select 1 from memberships m
        where m.organization_id = roles.organization_id and m.role = roles.key
            and m.user_id = nullif(current_setting('app.user_id', true), '')::uuid
    )
    or exists (
        select 1 from invitations i
        where i.organization_id = roles.organization_id and i.role = roles.key
            and i.email = nullif(current_setting('app.user_email', true), '')
    )
);
create policy to_bearer on invitation_links for select to tenantry_lookup using (
    nullif(current_setting('app.token_hash', true), '')
        in (encode(token_hash, 'hex'), encode(copy_hash, 'hex'))
);

-- The workers take what is due from every queue, and do it inside its organization.
create policy to_worker on outbox to tenantry_lookup
    using (current_setting('app.queues', true) = 'on');
create policy to_worker on jobs to tenantry_lookup
    using (current_setting('app.queues', true) = 'on');

create function refuse_change_of_audit() returns trigger language plpgsql as $$
begin
    -- What an organization left behind when it was removed may go in the end.
    if tg_op = 'DELETE' and tg_level = 'ROW'
        and old.organization_id <> '00000000-0000-0000-0000-000000000000'
        and not exists (select 1 from organizations where id = old.organization_id)
    then
        return old;
    end if;
    raise exception 'the audit log is only added to';
end $$;

create trigger audit_log_is_added_to before update or delete on audit_log
    for each row execute function refuse_change_of_audit();
create trigger audit_log_is_kept before truncate on audit_log
    for each statement execute function refuse_change_of_audit();
-- The details of a person can be erased, and not be changed.
create trigger audit_details_stand before update on audit_details
    for each row execute function refuse_change_of_audit();
create trigger audit_chains_are_kept before delete on audit_chains
    for each row execute function refuse_change_of_audit();

create function refuse_shorter_chain() returns trigger language plpgsql as $$
begin
    if new.sequence < old.sequence then
        raise exception 'the audit log is only added to';
    end if;
    return new;
end $$;

create trigger audit_chains_grow before update on audit_chains
    for each row execute function refuse_shorter_chain();

create or replace function keep_an_owner() returns trigger language plpgsql as $$
begin
    -- Two transactions that each take one of the last two owners must see each other.
    perform 1 from organizations where id = old.organization_id for update;
    if found and not exists (
        select 1 from memberships
        where organization_id = old.organization_id and role = 'owner' and suspended_at is null
    ) then
        raise exception 'an organization keeps an owner';
    end if;
    return null;
end $$;

drop trigger memberships_keep_an_owner_update on memberships;
create constraint trigger memberships_keep_an_owner_update
    after update of role, suspended_at on memberships deferrable initially deferred
    for each row when (old.role = 'owner') execute function keep_an_owner();

create function count_members() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        update organizations set member_count = member_count + 1 where id = new.organization_id;
    else
        update organizations set member_count = member_count - 1 where id = old.organization_id;
    end if;
    return null;
end $$;

create trigger memberships_count after insert or delete on memberships
    for each row execute function count_members();
