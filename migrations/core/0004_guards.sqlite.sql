-- What must hold whatever a statement says: a row never moves to another organization, and an
-- organization that has members has an owner.

create trigger roles_stay before update of organization_id on roles
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger memberships_stay before update of organization_id on memberships
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger invitations_stay before update of organization_id on invitations
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger invitation_links_stay before update of organization_id on invitation_links
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;

create trigger memberships_keep_an_owner_update after update of role on memberships
when old.role = 'owner' and not exists (
    select 1 from memberships
    where organization_id = old.organization_id and role = 'owner'
)
begin select raise(abort, 'an organization keeps an owner'); end;

create trigger memberships_keep_an_owner_delete after delete on memberships
when old.role = 'owner'
    and exists (select 1 from organizations where id = old.organization_id)
    and not exists (
        select 1 from memberships
        where organization_id = old.organization_id and role = 'owner'
    )
begin select raise(abort, 'an organization keeps an owner'); end;
