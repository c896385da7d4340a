//! The statements of searches. What belongs to a project is only found together with the project, which
//! the viewer must be able to see.

use crate::core::access::{Viewer, visible};
use crate::platform::audit::{About, Thing};
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{assembled_sql, sql};
use crate::platform::ids::MembershipId;
use crate::platform::search::{MOST_TERMS, Searchable, Terms};
use crate::platform::tenant::OrgTx;

/// How many rows with matching words are looked up, the best ones first: some may belong to something
/// that was deleted.
const CANDIDATES: usize = 300;
/// The first parameter of the terms: two for each, after the organization, the viewer and the kind.
const FIRST_TERM: usize = 5;

/// A row with all of the words.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    #[sqlx(flatten)]
    pub about: About,
    pub object_name: String,
    pub project_name: Option<String>,
    pub text: String,
}

assembled_sql! {
    /// The rows of the kind `$4`, or of all, with a word between each pair of terms.
    static FIND = find_text();
}

fn find_text() -> String {
    let terms: Vec<(String, String)> = (0..MOST_TERMS)
        .map(|n| (format!("${}", FIRST_TERM + 2 * n), format!("${}", FIRST_TERM + 2 * n + 1)))
        .collect();
    let any: Vec<_> = terms
        .iter()
        .map(|(first, after)| format!("w.word >= {first} and w.word < {after}"))
        .collect();
    // A whole word counts twice as much as the beginning of one.
    let score: Vec<_> = terms
        .iter()
        .map(|(first, after)| {
            format!(
                "max(case when w.word = {first} then 2 * w.weight
                    when w.word > {first} and w.word < {after} then w.weight else 0 end)"
            )
        })
        .collect();
    let every: Vec<_> = terms
        .iter()
        .map(|(first, after)| {
            format!(
                "({first} = {after} or max(case when w.word >= {first} and w.word < {after}
                    then 1 else 0 end) = 1)"
            )
        })
        .collect();
    let (any, score, every) = (any.join(" or "), score.join(" + "), every.join(" and "));
    let names = Thing::by_kind(|thing| Some(thing.name));
    let parents = Thing::by_kind(|thing| thing.parent);
    let texts = Searchable::texts();
    let limit = FIRST_TERM + 2 * MOST_TERMS;
    let visible = visible!("p");
    format!(
        "select l.object_kind, l.object_id, l.project_id, p.name as project_name, {names} as object_name,
                {parents} as parent_id, coalesce({texts}, '') as text
         from (
            select w.organization_id, w.kind as object_kind, w.id as object_id, w.project_id,
                {score} as score
            from search_words w
            left join projects p
                on p.organization_id = w.organization_id and p.id = w.project_id
            where w.organization_id = $1 and ({any}) and ($4 = '' or w.kind = $4)
                and (w.project_id is null or p.id is not null and {visible})
            group by w.organization_id, w.kind, w.id, w.project_id
            having {every}
            order by score desc, case when w.id = w.project_id then 0 else 1 end, w.id desc
            limit {CANDIDATES}
         ) l
         left join projects p on p.organization_id = l.organization_id and p.id = l.project_id
         where (l.project_id is null or p.id is not null and {visible}) and {names} is not null
         order by l.score desc, case when l.object_id = l.project_id then 0 else 1 end, l.object_id desc
         limit ${limit}"
    )
}

/// The best rows that the viewer can see and contain all of the words.
pub(super) async fn find(
    tx: &mut OrgTx,
    viewer: Viewer,
    terms: &Terms,
    kind: &str,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let mut query = viewer.query(tx, *FIND).bind(kind.to_owned());
    for term in terms.padded() {
        query = query.bind(term.first).bind(term.after);
    }
    query.bind(limit).all().await
}

/// A member.
#[derive(Debug, FromRow)]
pub(super) struct Person {
    pub id: MembershipId,
    pub name: String,
    pub email: String,
}

/// The members whose names and addresses have all of the words, at most `limit`. They are compared here,
/// because the index of words has no people: an organization has few compared with what they write.
pub(super) async fn people(
    tx: &mut OrgTx,
    terms: &Terms,
    limit: usize,
) -> Result<Vec<Person>, sqlx::Error> {
    let mut people: Vec<Person> = tx
        .query(sql!(
            "select m.id, u.name, u.email
             from memberships m
             join users u on u.id = m.user_id
             where m.organization_id = $1
             order by u.name_key, m.id
             limit 10000"
        ))
        .all()
        .await?;
    people.retain(|person| terms.all_begin_in(&format!("{} {}", person.name, person.email)));
    people.truncate(limit);
    Ok(people)
}
