-- What people work with: clients, projects, tasks, comments; and each person's saved filters.
-- Rows that were deleted stay for a while, so that deleting can be undone; what is unique is unique
-- among the others.

create table clients (
    organization_id uuid not null references organizations (id) on delete cascade,
    id uuid not null,
    name text not null,
    -- The name in lower case, by which it is searched and sorted on either engine.
    name_key text not null,
    contact text not null,
    email text not null,
    phone text not null,
    notes text not null,
    -- Name, contact and address in lower case: what a search looks into.
    search_key text not null,
    -- Counts its changes: who saves an older one is told.
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz,
    deleted_at timestamptz,
    primary key (organization_id, id)
);

create unique index clients_name on clients (organization_id, name_key) where deleted_at is null;
create index clients_by_name on clients (organization_id, name_key, id);
create index clients_by_change on clients (organization_id, updated_at, id);

create table projects (
    organization_id uuid not null references organizations (id) on delete cascade,
    id uuid not null,
    -- Null for work that is done for no client.
    client_id uuid,
    -- In capitals: short, and unique in the organization.
    code text not null,
    name text not null,
    name_key text not null,
    -- Code and name in lower case: what a search looks into.
    search_key text not null,
    description text not null,
    status text not null check (status in ('planned', 'active', 'paused', 'done')),
    starts_on date,
    due_on date,
    -- In hundredths of the currency that the organization works in.
    budget_cents bigint,
    -- Only its own members find it, and who may see every project.
    is_restricted boolean not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz,
    deleted_at timestamptz,
    primary key (organization_id, id),
    foreign key (organization_id, client_id) references clients (organization_id, id)
);

create unique index projects_code on projects (organization_id, code) where deleted_at is null;
create index projects_by_name on projects (organization_id, name_key, id);
create index projects_by_change on projects (organization_id, updated_at, id);
create index projects_by_day on projects (organization_id, (coalesce(due_on, '9999-12-31')), id);
create index projects_client on projects (organization_id, client_id);
-- Holds all that counting needs.
create index projects_count on projects (organization_id, archived_at, deleted_at, is_restricted, id);

create table project_members (
    organization_id uuid not null,
    project_id uuid not null,
    membership_id uuid not null,
    role text not null check (role in ('lead', 'contributor', 'reader')),
    created_at timestamptz not null,
    primary key (organization_id, project_id, membership_id),
    foreign key (organization_id, project_id)
        references projects (organization_id, id) on delete cascade,
    foreign key (organization_id, membership_id)
        references memberships (organization_id, id) on delete cascade
);

create index project_members_membership on project_members (organization_id, membership_id, project_id);

create table tasks (
    organization_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    -- A member of the organization.
    assignee_id uuid,
    title text not null,
    title_key text not null,
    description text not null,
    status text not null check (status in ('todo', 'doing', 'done')),
    -- 0 low, 1 normal, 2 high, 3 urgent.
    priority bigint not null check (priority between 0 and 3),
    due_on date,
    -- Its place among the project's tasks, lowest first.
    position bigint not null,
    version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    completed_at timestamptz,
    archived_at timestamptz,
    deleted_at timestamptz,
    primary key (organization_id, id),
    constraint tasks_project_key unique (organization_id, project_id, id),
    foreign key (organization_id, project_id)
        references projects (organization_id, id) on delete cascade,
    foreign key (organization_id, assignee_id) references memberships (organization_id, id)
);

create index tasks_by_place on tasks (organization_id, project_id, position, id);
create index tasks_by_title on tasks (organization_id, title_key, id);
create index tasks_by_change on tasks (organization_id, updated_at, id);
create index tasks_by_day on tasks (organization_id, (coalesce(due_on, '9999-12-31')), id);
create index tasks_assignee on tasks (organization_id, assignee_id);

create table comments (
    organization_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    -- Null for a comment on the project itself.
    task_id uuid,
    author_id uuid not null references users (id),
    body text not null,
    version bigint not null,
    created_at timestamptz not null,
    edited_at timestamptz,
    deleted_at timestamptz,
    primary key (organization_id, id),
    foreign key (organization_id, project_id)
        references projects (organization_id, id) on delete cascade,
    foreign key (organization_id, project_id, task_id)
        references tasks (organization_id, project_id, id) on delete cascade
);

create index comments_by_time on comments (organization_id, project_id, created_at, id);

-- Who is named in a comment.
create table comment_mentions (
    organization_id uuid not null,
    comment_id uuid not null,
    membership_id uuid not null,
    primary key (organization_id, comment_id, membership_id),
    foreign key (organization_id, comment_id)
        references comments (organization_id, id) on delete cascade,
    foreign key (organization_id, membership_id)
        references memberships (organization_id, id) on delete cascade
);

create index comment_mentions_membership on comment_mentions (organization_id, membership_id);

create table saved_filters (
    organization_id uuid not null,
    id uuid not null,
    -- Whose it is.
    membership_id uuid not null,
    -- 'clients', 'projects', 'tasks', 'members'.
    list text not null,
    name text not null,
    -- What stands behind the question mark of the list's address.
    query text not null,
    created_at timestamptz not null,
    primary key (organization_id, id),
    foreign key (organization_id, membership_id)
        references memberships (organization_id, id) on delete cascade
);

create unique index saved_filters_name
    on saved_filters (organization_id, membership_id, list, name);

-- What the new pages ask of a role.
update roles set permissions = permissions
    || ' audit.view clients.edit projects.create projects.manage projects.view_all'
where key in ('owner', 'admin');
update roles set permissions = permissions || ' clients.edit projects.create' where key = 'member';
