-- An account that is deleted: its row stays, without anything that tells about the person, so that
-- what they left in organizations still refers to somebody.

alter table users add column deleted_at timestamptz;

-- The last mail to somebody whose account is gone: once it is sent, nothing of it stays.
alter table outbox add column is_last boolean not null default false;

-- An organization that is deleted needs no owner any more.
drop trigger memberships_keep_an_owner_delete;
create trigger memberships_keep_an_owner_delete after delete on memberships
when old.role = 'owner'
    and exists (
        select 1 from organizations where id = old.organization_id and deleted_at is null
    )
    and not exists (
        select 1 from memberships
        where organization_id = old.organization_id and role = 'owner' and suspended_at is null
    )
begin select raise(abort, 'an organization keeps an owner'); end;
