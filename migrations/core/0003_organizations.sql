-- Organizations, their roles, their members and the invitations into them.

create table organizations (
    id uuid primary key,
    name text not null,
    -- The name in lower case, by which it is searched and sorted on either engine.
    name_key text not null,
    slug text not null,
    created_at timestamptz not null,
    -- Its people are locked out from here on; its links say so.
    deleted_at timestamptz,
    constraint organizations_slug_key unique (slug)
);

-- Every slug that an organization has or had: an old one leads to it and is given to no other.
create table organization_slugs (
    slug text not null,
    organization_id uuid not null references organizations (id) on delete cascade,
    created_at timestamptz not null,
    constraint organization_slugs_pkey primary key (slug)
);

create index organization_slugs_organization on organization_slugs (organization_id);

-- A role is a set of permissions on a ladder, held as data: an organization may get its own.
create table roles (
    organization_id uuid not null references organizations (id) on delete cascade,
    key text not null,
    name text not null,
    description text not null,
    rank bigint not null,
    -- The words of its permissions, with spaces between.
    permissions text not null,
    primary key (organization_id, key)
);

create table memberships (
    organization_id uuid not null references organizations (id) on delete cascade,
    id uuid not null,
    user_id uuid not null references users (id),
    role text not null,
    created_at timestamptz not null,
    last_active_at timestamptz,
    primary key (organization_id, id),
    constraint memberships_organization_id_user_id_key unique (organization_id, user_id),
    foreign key (organization_id, role) references roles (organization_id, key)
);

create index memberships_user on memberships (user_id, organization_id);
create index memberships_created on memberships (organization_id, created_at, id);

create table invitations (
    organization_id uuid not null references organizations (id) on delete cascade,
    id uuid not null,
    -- Whom it is for, in canonical form: nobody else can accept it.
    email text not null,
    role text not null,
    message text not null,
    status text not null check (status in ('pending', 'accepted', 'declined', 'revoked')),
    -- What it offers is checked again, when it is accepted, against what this person may grant.
    invited_by uuid not null references users (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    answered_at timestamptz,
    -- Somebody signed in with this other address asks for the invitation to be changed to it.
    requested_email text,
    primary key (organization_id, id),
    foreign key (organization_id, role) references roles (organization_id, key)
);

create unique index invitations_one_pending
    on invitations (organization_id, email) where status = 'pending';
create index invitations_email on invitations (email) where status = 'pending';
create index invitations_created on invitations (organization_id, created_at, id);

-- The links of an invitation: a resend replaces the one before, which then says so.
create table invitation_links (
    organization_id uuid not null,
    id uuid not null,
    invitation_id uuid not null,
    -- Of the token in the mail: whoever has it has proved the address.
    token_hash bytea not null,
    -- Of the token that "copy link" shows: it proves nothing about the address.
    copy_hash bytea not null,
    -- That token, sealed, to be shown again.
    copy_sealed bytea not null,
    mail_id uuid not null,
    created_at timestamptz not null,
    replaced_at timestamptz,
    primary key (organization_id, id),
    constraint invitation_links_token_hash_key unique (token_hash),
    constraint invitation_links_copy_hash_key unique (copy_hash),
    foreign key (organization_id, invitation_id)
        references invitations (organization_id, id) on delete cascade
);

create unique index invitation_links_newest
    on invitation_links (organization_id, invitation_id) where replaced_at is null;
