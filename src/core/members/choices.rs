//! What the members page offers above the table: roles to choose from, and saved filters.

use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::ids::{FilterId, MembershipId};
use crate::platform::list::SavedFilter;
use crate::platform::tenant::{OrgTx, Role};

/// A role, with one of the saved filters if there are any.
#[derive(FromRow)]
struct Pair {
    #[sqlx(flatten)]
    role: Role,
    filter_id: Option<FilterId>,
    filter_name: Option<String>,
    filter_query: Option<String>,
}

impl Pair {
    fn filter(&self) -> Option<SavedFilter> {
        Some(SavedFilter {
            id: self.filter_id?,
            name: self.filter_name.clone()?,
            query: self.filter_query.clone()?,
        })
    }
}

/// The roles of the organization, highest first, and the filters that a member has saved for the
/// table, by name. They come in one statement, because a page may run only four: there are few of
/// either, so every role is combined with every filter.
pub(super) async fn roles_and_filters(
    tx: &mut OrgTx,
    member: MembershipId,
) -> Result<(Vec<Role>, Vec<SavedFilter>), sqlx::Error> {
    let pairs: Vec<Pair> = tx
        .query(sql!(
            "select r.key as role_key, r.name as role_name, r.description as role_description,
                    r.rank as role_rank, r.permissions as role_permissions,
                    f.id as filter_id, f.name as filter_name, f.query as filter_query
             from roles r
             left join saved_filters f on f.organization_id = r.organization_id
                and f.membership_id = $2 and f.list = 'members'
             where r.organization_id = $1
             order by r.rank desc, r.key, f.name
             limit 5000"
        ))
        .bind(member)
        .all()
        .await?;
    let mut filters: Vec<SavedFilter> = Vec::new();
    let mut roles: Vec<Role> = Vec::new();
    for pair in pairs {
        let is_known = roles.last().is_some_and(|last| last.key == pair.role.key);
        if roles.len() <= usize::from(is_known) {
            filters.extend(pair.filter());
        }
        if !is_known {
            roles.push(pair.role);
        }
    }
    Ok((roles, filters))
}
