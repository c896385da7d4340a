//! The statements about members. The table of people is one statement for each way to sort it.

use sqlx::FromRow;

use super::model::Sort;
use super::row::PersonRow;
use crate::platform::audit::{Action, Entry, Object, ObjectKind};
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{TenantSql, sql};
use crate::platform::ids::{MembershipId, UserId};
use crate::platform::mail::{MailState, outbox};
use crate::platform::tenant::{Grant, OrgTx, Role};
use crate::platform::web::listing::Place;
use crate::platform::web::pager::Direction;

/// Makes `user` a member.
pub(crate) async fn add(
    tx: &mut OrgTx,
    user: UserId,
    grant: &Grant,
    now: Timestamp,
) -> Result<MembershipId, sqlx::Error> {
    let id = MembershipId::new();
    tx.query(sql!(
        "insert into memberships (organization_id, id, user_id, role, created_at)
         values ($1, $2, $3, $4, $5)"
    ))
    .bind(id)
    .bind(user)
    .bind(&grant.role().key)
    .bind(now)
    .execute()
    .await?;
    Ok(id)
}

/// People and open invitations of the organization that fit `$person` and `$offer`, each with what
/// the table is sorted by. What is the same for many rows, or costs a look-up for each, is not in
/// here: it is joined to the rows that are shown.
macro_rules! people {
    ($person_key:literal, $offer_key:literal, $person:literal, $offer:literal) => {
        concat!(
            "people as (
                select false as is_invited, m.id, m.user_id, u.name, u.name_key, u.email, m.role,
                       m.suspended_at is not null as is_suspended,
                       u.suspended_at is not null as is_account_suspended,
                       u.email_verified_at is null as is_unproved, m.created_at,
                       m.last_active_at, cast(null as timestamptz) as expires_at,
                       cast(null as text) as requested_email, ",
            $person_key,
            " as sort_key
                from memberships m
                join users u on u.id = m.user_id
                where m.organization_id = $1 and ",
            $person,
            "
                union all
                select true, i.id, cast(null as uuid), i.email, i.email, i.email, i.role, false,
                       false, false, i.created_at, cast(null as timestamptz), i.expires_at, i.requested_email, ",
            $offer_key,
            "
                from invitations i
                where i.organization_id = $1 and i.status = 'pending' and ",
            $offer,
            "
             )"
        )
    };
}

/// The people of `$from`, called `p`, with the state of their mail, which only those who are invited
/// have. The roles of an organization are few: the page reads them once.
macro_rules! rows {
    ($more:literal, $from:literal) => {
        concat!(
            "select p.is_invited, p.id, p.user_id, p.name, p.name_key, p.email, p.role,
                    p.is_suspended, p.is_account_suspended, p.is_unproved, p.created_at, p.last_active_at, p.expires_at,
                    p.requested_email, ",
            $more,
            mail!("o.status"),
            " as mail_status, ",
            mail!("o.error"),
            " as mail_error,
                    (select q.id from pictures q where q.user_id = p.user_id) as picture,
                    (select count(*) from memberships w
                     join users a on a.id = w.user_id and a.suspended_at is null
                     where w.organization_id = $1 and w.role = 'owner'
                        and w.suspended_at is null) as owners
             from ",
            $from,
            " p"
        )
    };
}

/// What the outbox says of the mail with an invitation's newest link.
macro_rules! mail {
    ($column:literal) => {
        concat!(
            "case when p.is_invited then (
                select ",
            $column,
            "
                from invitation_links l
                join outbox o on o.organization_id = l.organization_id and o.id = l.mail_id
                where l.organization_id = $1 and l.invitation_id = p.id and l.replaced_at is null
             ) end"
        )
    };
}

/// One page of the table. `$person_key` and `$offer_key` are what its two kinds of rows are sorted
/// by; rows beyond the cursor are those for which `(key, id) $beyond cursor`, and `$order` walks
/// away from it.
macro_rules! page {
    ($person_key:literal, $offer_key:literal, $beyond:literal, $order:literal) => {
        sql!(concat!(
            "with ",
            people!(
                $person_key,
                $offer_key,
                "($2 = '' or m.role = $2)
                    and ($3 = '%%' or u.name_key like $3 escape '\\' or u.email like $3 escape '\\')",
                "($2 = '' or i.role = $2) and ($3 = '%%' or i.email like $3 escape '\\')"
            ),
            ", page as (
                select f.*, (select count(*) from people) as total
                from people f
                where (f.sort_key, f.id) ",
            $beyond,
            " ($4, $5)
                order by f.sort_key ",
            $order,
            ", f.id ",
            $order,
            "
                limit $6
             ) ",
            rows!("p.total, ", "page"),
            " order by p.sort_key ",
            $order,
            ", p.id ",
            $order
        ))
    };
}

macro_rules! by_name {
    ($beyond:literal, $order:literal) => {
        page!("u.name_key", "i.email", $beyond, $order)
    };
}

macro_rules! by_role {
    ($beyond:literal, $order:literal) => {
        page!(
            "(select k.rank from roles k where k.organization_id = $1 and k.key = m.role)",
            "(select k.rank from roles k where k.organization_id = $1 and k.key = i.role)",
            $beyond,
            $order
        )
    };
}

macro_rules! by_joined {
    ($beyond:literal, $order:literal) => {
        page!("m.created_at", "i.created_at", $beyond, $order)
    };
}

macro_rules! by_active {
    ($beyond:literal, $order:literal) => {
        page!("coalesce(m.last_active_at, m.created_at)", "i.created_at", $beyond, $order)
    };
}

/// The statement for a page; who was never active counts as active on the day they came.
const fn page_statement(sort: Sort, direction: Direction) -> TenantSql {
    match (sort, direction) {
        (Sort::Name, Direction::Forward) => by_name!(">", "asc"),
        (Sort::Name, Direction::Backward) => by_name!("<", "desc"),
        (Sort::Role, Direction::Forward) => by_role!("<", "desc"),
        (Sort::Role, Direction::Backward) => by_role!(">", "asc"),
        (Sort::Joined, Direction::Forward) => by_joined!("<", "desc"),
        (Sort::Joined, Direction::Backward) => by_joined!(">", "asc"),
        (Sort::Active, Direction::Forward) => by_active!("<", "desc"),
        (Sort::Active, Direction::Backward) => by_active!(">", "asc"),
    }
}

/// A row of a page, with what the pager needs to know.
#[derive(FromRow)]
pub(super) struct PageRow {
    #[sqlx(flatten)]
    pub person: PersonRow,
    /// How many rows the filter finds.
    pub total: i64,
}

/// What the table shows.
pub(super) struct Filter<'a> {
    pub role: &'a str,
    pub search: &'a str,
    pub sort: Sort,
    pub place: &'a Place,
}

pub(super) async fn page(tx: &mut OrgTx, filter: &Filter<'_>) -> Result<Vec<PageRow>, sqlx::Error> {
    let query = tx
        .query(page_statement(filter.sort, filter.place.direction))
        .bind(filter.role)
        .bind(crate::platform::db::like_pattern(filter.search));
    let query = filter.place.bind(query, filter.sort.is_descending());
    query.bind(filter.place.limit()).all().await
}

/// One row of the table: a member, or an open invitation.
pub(super) async fn row(tx: &mut OrgTx, id: uuid::Uuid) -> Result<Option<PersonRow>, sqlx::Error> {
    tx.query(sql!(concat!(
        "with ",
        people!("u.name_key", "i.email", "m.id = $2", "i.id = $2"),
        " ",
        rows!("", "people")
    )))
    .bind(id)
    .optional()
    .await
}

/// A member as the rules see them.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Target {
    pub membership_id: MembershipId,
    pub user_id: UserId,
    pub name: String,
    /// Whether the member is locked out of the organization.
    pub is_suspended: bool,
    /// Whether nobody can sign in to the member's account.
    pub is_account_suspended: bool,
    #[sqlx(flatten)]
    pub role: Role,
    /// How many owners the organization has who can act: neither they nor their account is suspended.
    pub owners: i64,
    /// How many people belong to it, locked out or not.
    pub members: i64,
}

impl Target {
    /// Whether the member can do anything here now.
    pub fn can_act(&self) -> bool {
        !self.is_suspended && !self.is_account_suspended
    }

    /// That `action` was done to this member.
    pub fn entry(&self, action: Action) -> Entry {
        let object = Object::new(ObjectKind::Member, self.membership_id.uuid(), self.name.clone());
        Entry::new(action, object).person(self.user_id)
    }
}

macro_rules! target {
    ($condition:literal) => {
        sql!(concat!(
            "select m.id as membership_id, m.user_id, u.name,
                    m.suspended_at is not null as is_suspended,
                    u.suspended_at is not null as is_account_suspended,
                    r.key as role_key, r.name as role_name, r.description as role_description,
                    r.rank as role_rank, r.permissions as role_permissions,
                    (select count(*) from memberships w
                     join users a on a.id = w.user_id and a.suspended_at is null
                     where w.organization_id = $1 and w.role = 'owner'
                        and w.suspended_at is null) as owners,
                    (select count(*) from memberships w where w.organization_id = $1) as members
             from memberships m
             join users u on u.id = m.user_id
             join roles r on r.organization_id = m.organization_id and r.key = m.role
             where m.organization_id = $1 and ",
            $condition
        ))
    };
}

pub(super) async fn find(tx: &mut OrgTx, id: MembershipId) -> Result<Option<Target>, sqlx::Error> {
    tx.query(target!("m.id = $2")).bind(id).optional().await
}

/// The membership of `user`.
pub(crate) async fn find_by_user(
    tx: &mut OrgTx,
    user: UserId,
) -> Result<Option<Target>, sqlx::Error> {
    tx.query(target!("m.user_id = $2")).bind(user).optional().await
}

/// The owner who has been here longest.
pub(crate) async fn any_owner(tx: &mut OrgTx) -> Result<(UserId, String), sqlx::Error> {
    tx.query(sql!(
        "select m.user_id, u.name
         from memberships m
         join users u on u.id = m.user_id
         where m.organization_id = $1 and m.role = 'owner' and m.suspended_at is null
         order by u.suspended_at is not null, m.created_at, m.id
         limit 1"
    ))
    .one()
    .await
}

/// Whether somebody may have a role of `rank`. One above a member's is for people whose address was
/// proved: anybody can sign up with any address.
pub(crate) async fn may_hold(tx: &mut OrgTx, user: UserId, rank: i64) -> Result<bool, sqlx::Error> {
    if !outbox::is_sent(tx.app()) {
        // Where no mail is sent, nobody can prove an address, and nobody has to.
        return Ok(true);
    }
    let (may,): (bool,) = tx
        .query(sql!(
            "select exists (select 1 from users u
                            where u.id = $2 and u.email_verified_at is not null)
                 or exists (select 1 from roles r
                            where r.organization_id = $1 and r.key = 'member' and r.rank >= $3)"
        ))
        .bind(user)
        .bind(rank)
        .one()
        .await?;
    Ok(may)
}

/// Gives a member another role.
pub(crate) async fn set_role(
    tx: &mut OrgTx,
    id: MembershipId,
    grant: &Grant,
) -> Result<(), sqlx::Error> {
    tx.query(sql!("update memberships set role = $3 where organization_id = $1 and id = $2"))
        .bind(id)
        .bind(&grant.role().key)
        .execute()
        .await?;
    Ok(())
}

/// Locks a member out from `since` on, or lets them in again.
pub(super) async fn set_suspended(
    tx: &mut OrgTx,
    id: MembershipId,
    since: Option<Timestamp>,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "update memberships set suspended_at = $3 where organization_id = $1 and id = $2"
    ))
    .bind(id)
    .bind(since)
    .execute()
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut OrgTx, id: MembershipId) -> Result<(), sqlx::Error> {
    tx.query(sql!("delete from memberships where organization_id = $1 and id = $2"))
        .bind(id)
        .execute()
        .await?;
    Ok(())
}

/// What would end with a membership.
#[derive(Clone, Copy, Debug, FromRow)]
pub(crate) struct Consequences {
    pub pending_invitations: i64,
    /// Tasks that are not done, and would be nobody's.
    pub open_tasks: i64,
    pub led_projects: i64,
}

pub(crate) async fn consequences(
    tx: &mut OrgTx,
    user: UserId,
) -> Result<Consequences, sqlx::Error> {
    tx.query(sql!(
        "select (select count(*) from invitations
                 where organization_id = $1 and invited_by = $2 and status = 'pending'
                ) as pending_invitations,
                (select count(*) from tasks t
                 join memberships m on m.organization_id = t.organization_id and m.id = t.assignee_id
                 where t.organization_id = $1 and m.user_id = $2 and t.status <> 'done'
                    and t.deleted_at is null) as open_tasks,
                (select count(*) from project_members v
                 join memberships m
                    on m.organization_id = v.organization_id and m.id = v.membership_id
                 join projects p on p.organization_id = v.organization_id and p.id = v.project_id
                    and p.deleted_at is null
                 where v.organization_id = $1 and m.user_id = $2 and v.role = 'lead'
                ) as led_projects"
    ))
    .bind(user)
    .one()
    .await
}

/// Revokes what `user` has offered and may not offer with a role of `rank`: an invitation does not
/// outlive the authority it was sent with. Gives how many there were.
pub(super) async fn revoke_offers_above(
    tx: &mut OrgTx,
    user: UserId,
    rank: i64,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    tx.query(sql!(
        "update invitations set status = 'revoked', answered_at = $4
         where organization_id = $1 and invited_by = $2 and status = 'pending'
            and role in (select key from roles where organization_id = $1 and rank > $3)"
    ))
    .bind(user)
    .bind(rank)
    .bind(now)
    .execute()
    .await
}

/// Removes the mails of every invitation that was revoked and that have not left: for whoever revokes
/// several at once.
pub(super) async fn withdraw_mails_of_revoked(tx: &mut OrgTx) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "delete from outbox
         where organization_id = $1 and status <> 'sent' and claimed_at is null and id in (
            select l.mail_id from invitation_links l
            join invitations i on i.organization_id = l.organization_id and i.id = l.invitation_id
            where l.organization_id = $1 and i.status = 'revoked')"
    ))
    .execute()
    .await?;
    Ok(())
}

/// The state of an invitation's mail, as its row shows it.
pub(crate) fn mail_words(status: Option<MailState>) -> &'static str {
    match status {
        Some(MailState::Queued) => "Mail queued",
        Some(MailState::Sent) => "Mail sent",
        Some(MailState::Failed) => "Mail failed",
        None => "No mail",
    }
}
