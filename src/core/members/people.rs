//! The people of an organization, members and invited ones: the list, and a single person.

use time::Duration;

use super::row::PersonRow;
use crate::platform::clock::Timestamp;
use crate::platform::db::like_pattern;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::list::list;
use crate::platform::tenant::OrgTx;

/// The columns that a membership and an open invitation have in common. Columns that are equal for
/// many rows, or need a look-up for each, are not included: they are read only for the rows that
/// are shown.
macro_rules! people {
    () => {
        "(select false as is_invited, m.id, m.user_id, u.name, u.name_key, u.email, m.role,
                m.suspended_at is not null as is_suspended,
                u.suspended_at is not null as is_account_suspended,
                u.email_verified_at is null as is_unproved, m.created_at, m.last_active_at,
                cast(null as timestamptz) as expires_at, cast(null as text) as requested_email
          from memberships m
          join users u on u.id = m.user_id
          where m.organization_id = $1
          union all
          select true, i.id, cast(null as uuid), i.email, i.email, i.email, i.role, false, false,
                false, i.created_at, cast(null as timestamptz), i.expires_at, i.requested_email
          from invitations i
          where i.organization_id = $1 and i.status = 'pending') p"
    };
}

/// The columns of the row of a person `p`, with the state of the email, which only invited people
/// have. The page reads the roles separately, because there are few.
macro_rules! row {
    () => {
        concat!(
            "p.is_invited, p.id, p.user_id, p.name, p.name_key, p.email, p.role, p.is_suspended,
             p.is_account_suspended, p.is_unproved, p.created_at, p.last_active_at, p.expires_at,
             p.requested_email, ",
            mail!("o.status"),
            " as mail_status, ",
            mail!("o.error"),
            " as mail_error,
             (select q.id from pictures q where q.user_id = p.user_id) as picture,
             (select count(*) from memberships w
              join users a on a.id = w.user_id and a.suspended_at is null
              where w.organization_id = $1 and w.role = 'owner'
                and w.suspended_at is null) as owners"
        )
    };
}

/// A column of the email with an invitation's newest link.
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

/// Whether somebody has the role `$role`, if it is given, and matches the search `$search`.
macro_rules! meant {
    () => {
        "($role = '' or p.role = $role) and ($search = '%%'
            or p.name_key like $search escape '\\' or p.email like $search escape '\\')"
    };
}
pub(super) use {meant, people};

/// Whether a member `p` has a second factor.
macro_rules! has_factor {
    () => {
        "(exists (select 1 from totp_factors f where f.user_id = p.user_id
                and f.confirmed_at is not null and f.removed_at is null)
          or exists (select 1 from passkeys k where k.user_id = p.user_id
                and k.removed_at is null))"
    };
}

/// The moment before which somebody must have been seen last to count as inactive.
#[derive(Clone, Copy, Debug)]
pub struct Inactive(Timestamp);

impl Inactive {
    /// Ninety days before `now`.
    pub fn since(now: Timestamp) -> Self {
        Self(now.plus(-Duration::days(90)))
    }
}

/// A row of the list, with the rank of the role.
#[derive(Clone, Debug, FromRow)]
pub struct RankedRow {
    #[sqlx(flatten)]
    pub person: PersonRow,
    rank: i64,
}

list! {
    /// Members and open invitations. People who were never active count as active on the day they
    /// joined or were invited.
    pub People: RankedRow, filtered by super::list::PeopleFilter, seen by Inactive;
    sql(2) {
        select "p.*, (select k.rank from roles k
            where k.organization_id = $1 and k.key = p.role) as rank",
        from people!(),
        where concat!(meant!(), " and ($show = 'everyone' or ($show = 'invited') = p.is_invited
                and ($show = 'suspended') = p.is_suspended)
            and ($only = ''
                or not p.is_invited and $only = 'inactive'
                    and coalesce(p.last_active_at, p.created_at) < $inactive
                or not p.is_invited and $only = 'no-factor' and not ", has_factor!(), "
                or $only = 'mail-failed' and ", mail!("o.status"), " = 'failed')"),
        id "p.id",
        show concat!(row!(), ", p.rank"), as "p",
    }
    bind |filter, inactive| {
        role: &filter.role,
        search: like_pattern(&filter.q),
        show: filter.standing().word(),
        only: filter.only.text(),
        inactive: inactive.0,
    }
    id |row| row.person.id;
    sort "name" "Name": Text "p.name_key" asc, |row| row.person.name_key.clone();
    sort "role" "Role": Number
        "(select k.rank from roles k where k.organization_id = $1 and k.key = p.role)" desc,
        |row| row.rank;
    sort "joined" "Joined": Time "p.created_at" desc, |row| row.person.created_at;
    sort "active" "Last active": Time "coalesce(p.last_active_at, p.created_at)" desc,
        |row| row.person.last_active_at.unwrap_or(row.person.created_at);
}

/// One person: a member, or somebody with an open invitation.
pub(super) async fn find(tx: &mut OrgTx, id: uuid::Uuid) -> Result<Option<PersonRow>, sqlx::Error> {
    tx.query(sql!(concat!("select ", row!(), " from ", people!(), " where p.id = $2")))
        .bind(id)
        .optional()
        .await
}
