//! What the members page offers above the table: tabs, roles to choose from, and saved filters.

use super::list::{PeopleFilter, Standing};
use super::people::{People, meant, people};
use crate::platform::db::join::join;
use crate::platform::db::like_pattern;
use crate::platform::db::named::named;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::ids::{FilterId, MembershipId};
use crate::platform::list::{Maybe, SavedFilter, View};
use crate::platform::tenant::{OrgTx, Role};

/// A role, with one of the saved filters if there are any, and the numbers of people.
#[derive(FromRow)]
struct Pair {
    #[sqlx(flatten)]
    role: Role,
    filter_id: Option<FilterId>,
    filter_name: Option<String>,
    filter_query: Option<String>,
    members: i64,
    invited: i64,
    suspended: i64,
}

impl Pair {
    fn tabs<R>(&self, list: &View<People, R>) -> Vec<Tab> {
        let is_search = !list.filter.q.is_empty();
        let first = if is_search { Standing::Everyone } else { Standing::Members };
        let tab = |standing: &Standing| Tab {
            label: standing.label(),
            path: list.filtered(&PeopleFilter {
                show: Maybe(Some(*standing).filter(|standing| *standing != first)),
                only: Maybe::default(),
                ..list.filter.clone()
            }),
            count: match standing {
                Standing::Everyone => self.members + self.invited + self.suspended,
                Standing::Members => self.members,
                Standing::Invited => self.invited,
                Standing::Suspended => self.suspended,
            },
            is_current: list.filter.standing() == *standing,
        };
        let shown = |standing: &&Standing| is_search || **standing != Standing::Everyone;
        Standing::ALL.iter().filter(shown).map(tab).collect()
    }

    fn filter(&self) -> Option<SavedFilter> {
        Some(SavedFilter {
            id: self.filter_id?,
            name: self.filter_name.clone()?,
            query: self.filter_query.clone()?,
        })
    }
}

/// One of the tabs above the table.
pub(super) struct Tab {
    pub label: &'static str,
    pub path: String,
    pub count: i64,
    pub is_current: bool,
}

/// What the page offers.
pub(super) struct Choices {
    /// The roles of the organization, highest first.
    pub roles: Vec<Role>,
    /// The filters that the member has saved for the table, by name.
    pub saved: Vec<SavedFilter>,
    /// The tabs, with the number of people on each who match the search.
    pub tabs: Vec<Tab>,
}

/// What the page that shows `list` offers. It comes in one statement, because a page may run only
/// four: there are few roles and filters, so every role is combined with every filter.
pub(super) async fn load<R>(
    tx: &mut OrgTx,
    member: MembershipId,
    list: &View<People, R>,
) -> Result<Choices, sqlx::Error> {
    let pairs: Vec<Pair> = tx
        .query(sql!(named!(
            join!(
                "select r.key as role_key, r.name as role_name, r.description as role_description,
                        r.rank as role_rank, r.permissions as role_permissions,
                        f.id as filter_id, f.name as filter_name, f.query as filter_query,
                        n.members, n.invited, n.suspended
                 from roles r
                 join (select coalesce(sum(case when p.is_invited or p.is_suspended then 0 else 1 end), 0)
                                  as members,
                              coalesce(sum(case when p.is_invited then 1 else 0 end), 0) as invited,
                              coalesce(sum(case when p.is_suspended then 1 else 0 end), 0) as suspended
                       from ", people!(), " where ", meant!(), ") n on true
                 left join saved_filters f on f.organization_id = r.organization_id
                    and f.membership_id = $member and f.list = 'members'
                 where r.organization_id = $1
                 order by r.rank desc, r.key, f.name
                 limit 5000"
            ),
            2,
            [member, role, search]
        )))
        .bind(member)
        .bind(&list.filter.role)
        .bind(like_pattern(&list.filter.q))
        .all()
        .await?;
    let tabs = pairs.first().map(|pair| pair.tabs(list)).unwrap_or_default();
    let mut saved: Vec<SavedFilter> = Vec::new();
    let mut roles: Vec<Role> = Vec::new();
    for pair in pairs {
        let is_known = roles.last().is_some_and(|last| last.key == pair.role.key);
        if roles.len() <= usize::from(is_known) {
            saved.extend(pair.filter());
        }
        if !is_known {
            roles.push(pair.role);
        }
    }
    Ok(Choices { roles, saved, tabs })
}
