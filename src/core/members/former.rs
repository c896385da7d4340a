//! The people who were members: who left or was removed last, according to the audit log.

use askama::Template;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::SECTION;
use super::noun::{MEMBER_LEFT, ManageMembers};
use crate::platform::audit::Details;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::error::Result;
use crate::platform::list::{Index, Request, list};
use crate::platform::noun::place::Above;
use crate::platform::tenant::CurrentOrg;
use crate::platform::web::flash::Received;
use crate::platform::web::{Htmx, Shell};

/// The list's filter: none.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct FormerFilter {}

/// Somebody who is no member any more: the newest entry about that.
#[derive(Clone, Debug, FromRow)]
pub struct FormerRow {
    id: Uuid,
    at: Timestamp,
    action: String,
    content: Option<String>,
}

impl FormerRow {
    fn details(&self) -> Details {
        let content = self.content.as_deref();
        content.and_then(|content| serde_json::from_str(content).ok()).unwrap_or_default()
    }

    fn has_left(&self) -> bool {
        self.action == MEMBER_LEFT.word()
    }

    /// The name at that time; empty if it was erased from the log.
    fn name(&self) -> String {
        self.details().object_name
    }

    /// How the membership ended.
    fn how(&self) -> String {
        match (self.has_left(), self.details().actor_name.as_str()) {
            (true, _) => "Left".to_owned(),
            (false, "") => "Removed".to_owned(),
            (false, name) => format!("Removed by {name}"),
        }
    }
}

list! {
    /// The people whose membership has ended, unless they have joined again.
    pub Formers: FormerRow, filtered by FormerFilter, seen by ();
    sql(2, unfiltered because "it is about members, whom those who manage them may know") {
        select "l.person_id as id, l.at, l.action, d.content",
        from "audit_log l
            left join audit_details d
                on d.organization_id = l.organization_id and d.sequence = l.sequence",
        where "l.organization_id = $1 and l.action in ('member.removed', 'member.left')
            and l.person_id is not null
            and not exists (
                select 1 from memberships m
                where m.organization_id = $1 and m.user_id = l.person_id)
            and not exists (
                select 1 from audit_log n
                where n.organization_id = $1 and n.person_id = l.person_id
                    and n.action in ('member.removed', 'member.left') and n.sequence > l.sequence)",
        id "l.person_id",
    }
    bind |_, ()| {}
    id |row| row.id;
    sort "left" "Left": Time "l.at" desc, |row| row.at;
}

#[derive(Template)]
#[template(path = "core/members/former.html", blocks = ["list"])]
struct FormerPage {
    shell: Shell,
    index: Index<Formers>,
}

/// `GET /orgs/{slug}/members/former`
pub async fn former(
    org: CurrentOrg<ManageMembers>,
    htmx: Htmx,
    received: Received,
    request: Request<Formers>,
) -> Result<Response> {
    let mut tx = org.read().await?;
    let list = request.load(&mut tx, &()).await?;
    tx.commit().await?;
    let above = Above { path: org.organization.path("/members"), name: "Members".to_owned() };
    let index = Index::below(above, &org, SECTION, "Former members", list, false);
    let page = FormerPage { shell: org.shell(SECTION).with(received), index };
    htmx.render(&page, page.as_list())
}
