//! The statements about the log: one text, with a leading condition for each available index.

use uuid::Uuid;

use super::model::Filter;
use crate::platform::audit::{ActorKind, Details};
use crate::platform::clock::Timestamp;
use crate::platform::db::like_pattern;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{TenantSql, sql};
use crate::platform::ids::{RequestId, UserId};
use crate::platform::list::Direction;
use crate::platform::tenant::OrgTx;

/// An entry, with its details if they are still there.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    pub sequence: i64,
    pub at: Timestamp,
    pub actor_kind: ActorKind,
    pub actor_id: Option<UserId>,
    /// Text, because a newer version may have written it.
    pub action: String,
    /// The kind of thing, as it was written.
    pub object_kind: String,
    /// The kind by which filters find it.
    pub kind: String,
    pub object_id: Option<Uuid>,
    pub request_id: Option<RequestId>,
    pub hash: Vec<u8>,
    pub content: Option<String>,
}

impl Row {
    /// The details; `None` if they were erased.
    pub fn details(&self) -> Option<Details> {
        let content = self.content.as_ref()?;
        // Unreadable details are shown as empty: the verification says that they were changed.
        Some(serde_json::from_str(content).unwrap_or_default())
    }
}

/// The kind of thing by which filters find an entry. Entries are never rewritten: earlier versions
/// used the kind of a member for a member of a project, and that of the organization for an
/// operator's visit.
macro_rules! kind {
    () => {
        "case
            when l.object_kind = 'member' and l.project_id is not null then 'project_member'
            when l.object_kind = 'organization'
                and l.action in ('operator.entered', 'operator.left') then 'operator_visit'
            else l.object_kind
         end"
    };
}

/// Why the statements about the log need not check who may see a project.
const WHOLE_LOG: &str = "the log is for those whose role includes it: it holds all that was done";

/// Part of the log. `$lead` is the condition that uses an index, `$beyond` and `$order` walk from
/// the cursor. People matching a name or address are looked up only among those who appear in the
/// log: two walks from one to the next along an index, instead of a search through everybody.
macro_rules! entries {
    ($lead:literal, $beyond:literal, $order:literal) => {
        sql!(unfiltered because WHOLE_LOG, concat!(
            "with recursive acting (id) as (
                select (select actor_id from audit_log
                        where organization_id = $1 and actor_id is not null
                        order by actor_id limit 1)
                union all
                select (select l.actor_id from audit_log l
                        where l.organization_id = $1 and l.actor_id > acting.id
                        order by l.actor_id limit 1)
                from acting where acting.id is not null
             ),
             concerned (id) as (
                select (select person_id from audit_log
                        where organization_id = $1 and person_id is not null
                        order by person_id limit 1)
                union all
                select (select l.person_id from audit_log l
                        where l.organization_id = $1 and l.person_id > concerned.id
                        order by l.person_id limit 1)
                from concerned where concerned.id is not null
             ),
             meant (id) as (
                select u.id from users u
                where u.id in (select id from acting union select id from concerned)
                    and (u.name_key like $2 escape '\\' or u.email like $2 escape '\\')
             )
             select l.sequence, l.at, l.actor_kind, l.actor_id, l.action, l.object_kind, ",
            kind!(),
            " as kind, l.object_id, l.request_id, l.hash, d.content
             from audit_log l
             left join audit_details d
                on d.organization_id = l.organization_id and d.sequence = l.sequence
             where l.organization_id = $1 and ",
            $lead,
            "
                and ($2 = '%%' or l.actor_id in (select id from meant)
                    or l.person_id in (select id from meant))
                and ($3 = '' or l.action = $3)
                and ($4 = '' or $4 = ",
            kind!(),
            ")
                and (cast($5 as uuid) is null or l.object_id = $5)
                and l.at >= $6 and l.at < $7
                and l.sequence ",
            $beyond,
            " $8
             order by l.sequence ",
            $order,
            "
             limit $9"
        ))
    };
}

const fn statement(lead: Lead, direction: Direction) -> TenantSql {
    match (lead, direction) {
        (Lead::Sequence, Direction::Forward) => entries!("true", "<", "desc"),
        (Lead::Sequence, Direction::Backward) => entries!("true", ">", "asc"),
        (Lead::Action, Direction::Forward) => entries!("l.action = $3", "<", "desc"),
        (Lead::Action, Direction::Backward) => entries!("l.action = $3", ">", "asc"),
        (Lead::Object, Direction::Forward) => entries!("l.object_id = $5", "<", "desc"),
        (Lead::Object, Direction::Backward) => entries!("l.object_id = $5", ">", "asc"),
    }
}

/// The index that leads to the matching entries.
#[derive(Clone, Copy)]
enum Lead {
    Sequence,
    Action,
    Object,
}

/// At most `limit` entries older than `cursor` (newer, if backwards), starting next to it.
pub(super) async fn entries(
    tx: &mut OrgTx,
    filter: &Filter,
    direction: Direction,
    cursor: Option<i64>,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let lead = match filter {
        Filter { object: Some(_), .. } => Lead::Object,
        Filter { action, .. } if !action.is_empty() => Lead::Action,
        _ => Lead::Sequence,
    };
    tx.query(statement(lead, direction))
        .bind(like_pattern(&filter.who))
        .bind(&filter.action)
        .bind(&filter.kind)
        .bind(filter.object)
        .bind(filter.from)
        .bind(filter.before)
        .bind(cursor.unwrap_or(i64::MAX))
        .bind(limit)
        .all()
        .await
}
