-- What an operator sees of an organization, and how it, or one of its members, is locked out.

alter table organizations add column plan text not null default 'standard';
-- Kept by triggers: counting the members of every organization in a list is not for a page.
alter table organizations add column member_count bigint not null default 0;
alter table organizations add column last_active_at timestamptz;
alter table organizations add column suspended_at timestamptz;
-- For its people to read.
alter table organizations add column suspended_reason text;

create index organizations_name on organizations (name_key, id);

alter table memberships add column suspended_at timestamptz;

update organizations
set member_count = (select count(*) from memberships m where m.organization_id = organizations.id),
    last_active_at = (
        select max(m.last_active_at) from memberships m where m.organization_id = organizations.id
    );

-- Whoever runs the installation.
create table operators (
    user_id uuid primary key references users (id) on delete cascade,
    granted_at timestamptz not null
);

-- An operator inside an organization: for a written reason, and not for long.
create table operator_visits (
    organization_id uuid not null references organizations (id) on delete cascade,
    id uuid not null,
    user_id uuid not null references users (id),
    reason text not null,
    may_write boolean not null,
    started_at timestamptz not null,
    ends_at timestamptz not null,
    ended_at timestamptz,
    primary key (organization_id, id)
);

create index operator_visits_user on operator_visits (user_id, ends_at);
