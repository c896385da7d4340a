-- What members are told, in their inbox and by email, and how each of them has chosen to be told.
create table notifications (
    organization_id uuid not null,
    id uuid not null,
    membership_id uuid not null,
    -- What has happened: a word of the program.
    event text not null,
    -- Who did it; null for someone without an account.
    actor_id uuid,
    -- What it is about, and the project that this belongs to.
    object_kind text not null,
    object_id uuid not null,
    project_id uuid,
    -- Whether it is to be in the next daily email.
    waits boolean not null,
    created_at timestamptz not null,
    read_at timestamptz,
    primary key (organization_id, id),
    foreign key (organization_id, membership_id)
        references memberships (organization_id, id) on delete cascade,
    foreign key (organization_id, project_id)
        references projects (organization_id, id) on delete cascade
);

create index notifications_of_member on notifications (organization_id, membership_id, id);
create index notifications_unread on notifications (organization_id, membership_id, id) where read_at is null;
create index notifications_waiting on notifications (organization_id, created_at) where waits;
create index notifications_project on notifications (organization_id, project_id);

create table notice_choices (
    organization_id uuid not null,
    membership_id uuid not null,
    notice text not null,
    delivery text not null check (delivery in ('email', 'digest', 'page', 'nothing')),
    created_at timestamptz not null,
    primary key (organization_id, membership_id, notice),
    foreign key (organization_id, membership_id)
        references memberships (organization_id, id) on delete cascade
);
