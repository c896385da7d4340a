//! The notifications that a member can see, with today's names of what they are about.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::model::Event;
use super::noun::NotificationId;
use crate::core::access::{Viewer, sees, visible};
use crate::platform::audit::{About, Thing};
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{assembled_sql, sql};
use crate::platform::email::EmailAddress;
use crate::platform::ids::{MembershipId, PictureId};
use crate::platform::links::shortened;
use crate::platform::search::Searchable;
use crate::platform::tenant::OrgTx;
use crate::platform::text::prose;

/// How many characters of a comment are shown.
const EXCERPT: usize = 160;

/// A number that is not counted further.
const MANY: i64 = 100;

/// A notification.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    pub id: NotificationId,
    pub event: Event,
    pub actor: Option<String>,
    pub actor_picture: Option<PictureId>,
    #[sqlx(flatten)]
    pub about: About,
    pub object_name: Option<String>,
    pub project_name: Option<String>,
    /// The text of what it is about.
    pub text: Option<String>,
    pub created_at: Timestamp,
    pub read_at: Option<Timestamp>,
}

impl Row {
    /// The path of what it is about, below the organization's.
    pub fn path(&self) -> String {
        self.about.path().unwrap_or_else(|| {
            format!("/members?q={}", utf8_percent_encode(self.actor(), NON_ALPHANUMERIC))
        })
    }

    /// The beginning of a comment that mentions the member.
    pub fn excerpt(&self) -> String {
        match (self.event, &self.text) {
            (Event::Mentioned, Some(text)) => shortened(&prose(text).replace('\n', " "), EXCERPT),
            _ => String::new(),
        }
    }

    /// Whether it has not been read.
    pub fn is_unread(&self) -> bool {
        self.read_at.is_none()
    }

    /// What its button marks it as: `read` or `unread`.
    pub fn other_state(&self) -> &'static str {
        if self.is_unread() { "read" } else { "unread" }
    }

    /// Who did it.
    pub fn actor(&self) -> &str {
        self.actor.as_deref().unwrap_or("Someone")
    }
}

/// SQL for the name of a thing that members are told about: one in a project. What every member may read
/// anyway notifies nobody, and a table of such things that is locked must not hold up every page.
fn name(thing: &Thing) -> Option<&'static str> {
    (!thing.is_everybodys).then_some(thing.name)
}

/// The columns of a [`Row`].
fn columns() -> String {
    format!(
        "l.id, l.event, l.object_kind, l.object_id, l.project_id, l.created_at, l.read_at,
         p.name as project_name, {} as object_name, {} as parent_id,
         {} as text,
         coalesce(
            (select u.name from users u where u.id = l.actor_id),
            (select i.email from invitations i
             where i.organization_id = $1 and i.id = l.object_id)) as actor,
         (select q.id from memberships a join pictures q on q.user_id = a.user_id
          where a.organization_id = $1 and a.user_id = l.actor_id) as actor_picture",
        Thing::by_kind(name),
        Thing::by_kind(|thing| thing.parent),
        Searchable::texts(),
    )
}

/// Whether what a notification `l` is about can still be opened. What is no thing with a page, such as
/// an invitation, leads to the members.
fn is_there() -> String {
    let things = Thing::all().into_iter().filter(|thing| name(thing).is_some());
    let things: Vec<_> = things.map(|thing| format!("'{}'", thing.kind)).collect();
    let names = Thing::by_kind(name);
    format!("(l.object_kind not in ({}) or {names} is not null)", things.join(", "))
}

/// What is left of the notifications `l` of the membership `$3`: what was deleted, or cannot be seen any
/// more, is not there.
fn seen() -> String {
    format!(
        "from notifications l
         left join projects p on p.organization_id = l.organization_id and p.id = l.project_id
         where l.organization_id = $1 and l.membership_id = $3
            and (l.project_id is null or p.id is not null and {})
            and {}",
        visible!("p"),
        is_there(),
    )
}

assembled_sql! {
    static UNREAD = format!(
        "select l.id, l.object_kind, l.object_id, l.project_id, {} as parent_id
         {} and l.read_at is null
         order by l.id desc
         limit {MANY}",
        Thing::by_kind(|thing| thing.parent),
        seen(),
    );
}

/// An unread notification, with what its path is made of: every page reads these.
#[derive(Debug, FromRow)]
pub(super) struct Unread {
    pub id: NotificationId,
    #[sqlx(flatten)]
    pub about: About,
}

assembled_sql! {
    static PAGE = format!(
        "select {} {} and (not $4 or l.read_at is null) and ($5 or l.id < $6)
         order by l.id desc
         limit $7",
        columns(),
        seen(),
    );
}

/// The unread notifications of the viewer, the newest first; [`MANY`] at most.
pub(super) async fn unread(tx: &mut OrgTx, viewer: Viewer) -> Result<Vec<Unread>, sqlx::Error> {
    viewer.query(tx, *UNREAD).all().await
}

assembled_sql! {
    static ONE = format!(
        "select {} {} and l.id = $4", columns(), seen()
    );
}

/// The notification `id` of the viewer.
pub(super) async fn one(
    tx: &mut OrgTx,
    viewer: Viewer,
    id: NotificationId,
) -> Result<Option<Row>, sqlx::Error> {
    viewer.query(tx, *ONE).bind(id).optional().await
}

/// The notifications of the viewer before `before`, the newest first: all, or the unread ones.
pub(super) async fn page(
    tx: &mut OrgTx,
    viewer: Viewer,
    only_unread: bool,
    before: Option<NotificationId>,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    viewer
        .query(tx, *PAGE)
        .bind(only_unread)
        .bind(before.is_none())
        .bind(before)
        .bind(limit)
        .all()
        .await
}

/// A notification that waits for the summary of its member.
#[derive(Debug, FromRow)]
pub(super) struct Waiting {
    pub membership_id: MembershipId,
    pub name: String,
    pub email: EmailAddress,
    pub organization: String,
    pub slug: String,
    #[sqlx(flatten)]
    pub row: Row,
}

assembled_sql! {
    static WAITING = format!(
        "select m.id as membership_id, w.name, w.email, o.name as organization, o.slug, {}
         from notifications l
         join memberships m on m.organization_id = l.organization_id and m.id = l.membership_id
            and m.suspended_at is null
         join roles r on r.organization_id = m.organization_id and r.key = m.role
         join organizations o on o.id = l.organization_id
            and o.deleted_at is null and o.suspended_at is null
         join users w on w.id = m.user_id
         left join projects p on p.organization_id = l.organization_id and p.id = l.project_id
         where l.organization_id = $1 and l.waits and l.created_at < $2 and l.read_at is null
            and (l.project_id is null or p.deleted_at is null and {})
            and {}
         order by m.id, l.id
         limit 5000",
        columns(),
        sees!(),
        is_there(),
    );
}

/// What waits since before `until` and its member can still see, member by member.
pub(super) async fn waiting(tx: &mut OrgTx, until: Timestamp) -> Result<Vec<Waiting>, sqlx::Error> {
    tx.query(*WAITING).bind(until).all().await
}

/// Whether anything waits since before `until`.
pub(super) async fn is_waiting(tx: &mut OrgTx, until: Timestamp) -> Result<bool, sqlx::Error> {
    let (is_waiting,) = tx
        .query(sql!(
            unfiltered because "it only says whether there is work",
            "select exists (select 1 from notifications
                where organization_id = $1 and waits and created_at < $2)"
        ))
        .bind(until)
        .one()
        .await?;
    Ok(is_waiting)
}
