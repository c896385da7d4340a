-- What must hold whatever a statement says: a row never moves to another organization, and an
-- organization that has members has an owner.

create function refuse_another_organization() returns trigger language plpgsql as $$
begin
    if old.organization_id <> new.organization_id then
        raise exception 'organization_id cannot change';
    end if;
    return new;
end $$;

create trigger roles_stay before update of organization_id on roles
    for each row execute function refuse_another_organization();
create trigger memberships_stay before update of organization_id on memberships
    for each row execute function refuse_another_organization();
create trigger invitations_stay before update of organization_id on invitations
    for each row execute function refuse_another_organization();
create trigger invitation_links_stay before update of organization_id on invitation_links
    for each row execute function refuse_another_organization();

create function keep_an_owner() returns trigger language plpgsql as $$
begin
    -- Two transactions that each take one of the last two owners must see each other.
    perform 1 from organizations where id = old.organization_id for update;
    if found and not exists (
        select 1 from memberships
        where organization_id = old.organization_id and role = 'owner'
    ) then
        raise exception 'an organization keeps an owner';
    end if;
    return null;
end $$;

create constraint trigger memberships_keep_an_owner_update
    after update of role on memberships deferrable initially deferred
    for each row when (old.role = 'owner') execute function keep_an_owner();
create constraint trigger memberships_keep_an_owner_delete
    after delete on memberships deferrable initially deferred
    for each row when (old.role = 'owner') execute function keep_an_owner();
