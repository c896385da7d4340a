-- An account that is deleted: its row stays, without anything that tells about the person, so that
-- what they left in organizations still refers to somebody.

alter table users add column deleted_at timestamptz;

-- The last mail to somebody whose account is gone: once it is sent, nothing of it stays.
alter table outbox add column is_last boolean not null default false;

-- An organization that is deleted needs no owner any more.
create or replace function keep_an_owner() returns trigger language plpgsql as $$
begin
    -- Two transactions that each take one of the last two owners must see each other.
    perform 1 from organizations where id = old.organization_id and deleted_at is null for update;
    if found and not exists (
        select 1 from memberships
        where organization_id = old.organization_id and role = 'owner' and suspended_at is null
    ) then
        raise exception 'an organization keeps an owner';
    end if;
    return null;
end $$;
