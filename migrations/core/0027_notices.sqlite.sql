-- The notices that a member wants no mail about.
create table stopped_notices (
    organization_id uuid not null,
    membership_id uuid not null,
    notice text not null,
    created_at timestamptz not null,
    primary key (organization_id, membership_id, notice),
    foreign key (organization_id, membership_id)
        references memberships (organization_id, id) on delete cascade
);

create trigger stopped_notices_stay before update of organization_id on stopped_notices
when old.organization_id <> new.organization_id
begin select raise(abort, 'organization_id cannot change'); end;
