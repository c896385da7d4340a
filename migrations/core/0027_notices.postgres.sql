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

call confine('stopped_notices');
