//! A project that somebody cannot see does not exist for them: every statement that reads a table
//! related to projects contains the condition that the viewer can see the project, or is in a list
//! with the reason why it need not.

use std::collections::BTreeSet;

use tenantry::core::access::{SEES, VISIBLE};
use tenantry::platform::db::statement::{self, Registered};

use crate::support::TestDatabase;

/// Statements that need not contain the condition: the reason, their file, and how they begin.
type Exceptions = (&'static str, &'static [(&'static str, &'static str)]);

const EXCEPTIONS: &[Exceptions] = &[
    (
        "they are run behind `CurrentProject`, which has looked whether the caller sees the project \
         and, for changes, holds its lock; what they read or change is found by that project",
        &[
            ("src/modules/work/comments/sql.rs", "select c.id, c.task_id, c.author_id"),
            ("src/modules/work/comments/sql.rs", "select count(*) from comments c"),
            ("src/modules/work/comments/sql.rs", "select cm.comment_id, u.name from comments c"),
            (
                "src/modules/work/projects/members/sql.rs",
                "select m.id as membership_id, m.user_id, u.name, u.email, pm",
            ),
            (
                "src/modules/work/projects/members/sql.rs",
                "select u.email, u.name from memberships m",
            ),
            ("src/modules/work/projects/members/sql.rs", "delete from project_members"),
            ("src/modules/work/projects/members/sql.rs", "insert into project_members"),
            ("src/modules/work/tasks/order.rs", "select position from tasks"),
            ("src/modules/work/tasks/order.rs", "update tasks set position = n.number"),
            ("src/modules/work/tasks/sql.rs", "select t.id, t.project_id, t.title"),
            ("src/modules/work/tasks/sql.rs", "select cast(coalesce(sum(case when status = 'done'"),
            ("src/modules/work/comments/sql.rs", "insert into comments"),
            ("src/modules/work/projects/sql.rs", "select code_is_derived from projects"),
            ("src/modules/work/tasks/model.rs", "select t.id, t.project_id, t.title"),
            ("src/modules/work/tasks/model.rs", "insert into tasks"),
        ],
    ),
    (
        "they change one thing by its id, which one of the statements above has found in the project, \
         and show nothing",
        &[
            ("src/modules/work/comments/change.rs", "update comments set deleted_at"),
            ("src/modules/work/comments/sql.rs", "update comments set body"),
            ("src/modules/work/comments/sql.rs", "select membership_id from comment_mentions"),
            ("src/modules/work/comments/sql.rs", "insert into comment_mentions"),
            ("src/modules/work/comments/sql.rs", "delete from comment_mentions"),
            ("src/core/access/project.rs", "update projects set"),
            ("src/modules/work/projects/sql.rs", "update projects set code_is_derived"),
            ("src/modules/work/projects/sql.rs", "update projects set code = $3"),
            ("src/modules/work/tasks/model.rs", "update tasks set"),
            ("src/modules/work/tasks/order.rs", "update tasks set position = $3"),
        ],
    ),
    (
        "takes the lock of a project; the next statement looks whether the caller sees it",
        &[(
            "src/core/access/sql.rs",
            "select id from projects where organization_id = $1 and id = $2",
        )],
    ),
    (
        "reads a project again for somebody who has it already",
        &[("src/core/access/project.rs", "select p.id, p.client_id, p.code")],
    ),
    (
        "a new project has nothing to hide from the person who starts it",
        &[("src/core/access/project.rs", "insert into projects")],
    ),
    (
        "a code is unique in the organization, whoever sees its project",
        &[("src/modules/work/projects/sql.rs", "select code from projects")],
    ),
    (
        "takes tasks from people who do not see their project any more, or belong to nothing",
        &[("src/modules/work/tasks/held.rs", "update tasks set assignee_id = null")],
    ),
    (
        "tells who ends a membership how much ends with it, in numbers: that is everything, and people \
         have tasks only in projects that they see",
        &[("src/core/members/sql.rs", "select (select count(*) from invitations")],
    ),
    (
        "the audit log is for those whose role includes it: it holds everything that was done",
        &[("src/core/audit/sql.rs", "with recursive acting (id)")],
    ),
    (
        "the log is written, proved, erased and purged as a whole",
        &[
            ("src/platform/audit/chain.rs", "select l.sequence, l.at, l.actor_kind"),
            ("src/platform/audit/chain.rs", "select exists ( select 1 from audit_"),
            ("src/platform/audit/chain.rs", "delete from audit_details"),
            ("src/platform/audit/journal.rs", "insert into audit_"),
            ("src/platform/audit/upkeep.rs", "select at from audit_log"),
            ("src/platform/audit/upkeep.rs", "delete from audit_log"),
        ],
    ),
    (
        "gives every row today's keys, after the migrations",
        &[
            ("src/platform/db/text_keys/mod.rs", "select id, name, code"),
            ("src/platform/db/text_keys/mod.rs", "update projects set name_key"),
            ("src/platform/db/text_keys/mod.rs", "select id, title, title"),
            ("src/platform/db/text_keys/mod.rs", "update tasks set title_key"),
        ],
    ),
    (
        "removes what was deleted thirty days ago, whoever saw it",
        &[
            ("src/modules/work/comments/noun.rs", "select exists (select 1 from comments"),
            ("src/modules/work/comments/noun.rs", "delete from comments"),
            ("src/modules/work/tasks/noun.rs", "select exists (select 1 from tasks"),
            ("src/modules/work/tasks/noun.rs", "delete from tasks"),
            ("src/core/access/noun.rs", "select exists (select 1 from projects"),
            ("src/core/access/noun.rs", "delete from projects"),
            ("src/modules/work/clients/noun.rs", "delete from clients"),
        ],
    ),
];

/// The exceptions, numbered.
fn exceptions() -> impl Iterator<Item = (usize, &'static str, &'static str)> {
    let all = EXCEPTIONS.iter().flat_map(|(_, statements)| *statements);
    all.enumerate().map(|(number, (file, beginning))| (number, *file, *beginning))
}

/// The tables related to projects: `projects`, tables that name a project, and tables that refer to
/// such a table.
async fn tables_with_a_way_to_a_project(database: &TestDatabase) -> BTreeSet<String> {
    let mut reached = BTreeSet::from(["projects".to_owned()]);
    for table in database.tables().await {
        if database.columns(&table).await.iter().any(|column| column == "project_id") {
            reached.insert(table);
        }
    }
    let references = database
        .texts(if database.is_postgres() {
            "select conrelid::regclass::text || ' ' || confrelid::regclass::text
             from pg_constraint where contype = 'f'"
        } else {
            "select t.name || ' ' || f.\"table\" from sqlite_schema t
             join pragma_foreign_key_list(t.name) f where t.type = 'table'"
        })
        .await;
    loop {
        let before = reached.len();
        for reference in &references {
            let (table, to) = reference.split_once(' ').unwrap();
            if reached.contains(to) {
                reached.insert(table.to_owned());
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

/// A statement, or a `select` with its direct content.
#[derive(Debug, Default)]
struct Scope {
    parent: Option<usize>,
    tokens: Vec<String>,
}

/// A single token that replaces the condition.
const GUARD: &str = "<visible>";

impl Scope {
    fn is_guarded(&self) -> bool {
        self.tokens.iter().any(|token| token == GUARD)
    }

    /// The aliases under which it reads tables.
    fn aliases(&self) -> BTreeSet<&str> {
        let mut aliases = BTreeSet::new();
        for pair in self.tokens.windows(3) {
            if ["from", "join", "update", "into"].contains(&pair[0].as_str()) {
                aliases.extend([pair[1].as_str(), pair[2].as_str()]);
            }
        }
        aliases
    }

    /// The tables among `tables` that it reads or writes. A word counts as a table's name unless it
    /// names a column of the result.
    fn tables<'t>(&self, tables: &'t BTreeSet<String>) -> Vec<&'t str> {
        let is_named = |table: &&String| {
            self.tokens
                .iter()
                .enumerate()
                .any(|(at, token)| token == *table && (at == 0 || self.tokens[at - 1] != "as"))
        };
        tables.iter().filter(is_named).map(String::as_str).collect()
    }

    /// Whether it restricts the rows that `outer` reads.
    fn is_about(&self, outer: &Self) -> bool {
        let (own, others) = (self.aliases(), outer.aliases());
        let mut prefixes = self.tokens.iter().filter_map(|token| Some(token.split_once('.')?.0));
        prefixes.any(|prefix| others.contains(prefix) && !own.contains(prefix))
    }
}

fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn scopes(text: &str) -> Vec<Scope> {
    let text = normal(text).replace(&normal(VISIBLE), GUARD).replace(&normal(SEES), GUARD);
    let spaced = text.replace('(', " ( ").replace(')', " ) ").replace(',', " , ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut scopes = vec![Scope::default()];
    let mut open = vec![0];
    for (at, token) in tokens.iter().enumerate() {
        let current = open.last().copied().unwrap();
        match *token {
            "(" if matches!(tokens.get(at + 1), Some(&"select" | &"with")) => {
                scopes.push(Scope { parent: Some(current), tokens: Vec::new() });
                open.push(scopes.len() - 1);
            }
            "(" => open.push(current),
            ")" => _ = open.pop(),
            "union" => {
                scopes.push(Scope { parent: scopes[current].parent, tokens: Vec::new() });
                *open.last_mut().unwrap() = scopes.len() - 1;
            }
            token => scopes[current].tokens.push(token.to_owned()),
        }
    }
    scopes
}

/// The tables among `tables` that a text reads without the condition.
fn unguarded<'t>(text: &str, tables: &'t BTreeSet<String>) -> Vec<&'t str> {
    let scopes = scopes(text);
    let is_guarded = |scope: &Scope| {
        let mut outer = scope.parent;
        while let Some(at) = outer {
            if scopes[at].is_guarded() && scope.is_about(&scopes[at]) {
                return true;
            }
            outer = scopes[at].parent;
        }
        scope.is_guarded()
    };
    let open = scopes.iter().filter(|scope| !is_guarded(scope));
    open.flat_map(|scope| scope.tables(tables)).collect()
}

#[tokio::test]
async fn every_statement_about_what_belongs_to_a_project_says_who_may_see_it() {
    let database = TestDatabase::create().await;
    let tables = tables_with_a_way_to_a_project(&database).await;
    database.remove().await;
    assert!(tables.contains("comment_mentions") && tables.contains("audit_details"), "{tables:?}");
    let mut used = BTreeSet::new();
    let mut wrong = BTreeSet::new();
    let (mut guarded, mut excepted) = (0, 0);
    for statement in statement::all() {
        for text in BTreeSet::from([statement.sqlite, statement.postgres]) {
            let open = unguarded(text, &tables);
            if open.is_empty() {
                guarded += usize::from(normal(text).contains(&normal(VISIBLE)));
                continue;
            }
            let Registered { file, line, .. } = statement;
            let known = exceptions()
                .find(|(_, known, beginning)| known == file && normal(text).starts_with(beginning));
            match known {
                Some((number, ..)) => {
                    used.insert(number);
                    excepted += 1;
                }
                None => _ = wrong.insert(format!("{file}:{line} {open:?}: {}", normal(text))),
            }
        }
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(
        wrong.is_empty(),
        "{} statements read what belongs to a project, and do not hold visible!. Add it; or, if \
         another rule guards a statement, add its file and its beginning to EXCEPTIONS, with the \
         reason:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    for (number, file, beginning) in exceptions() {
        assert!(used.contains(&number), "no statement needs the exception {file}: {beginning}");
    }
    println!("{guarded} statements hold visible!, {excepted} need not");
    assert!(guarded >= 20, "{guarded} statements");
}

#[test]
fn a_statement_that_forgets_the_condition_is_found() {
    let tables = ["projects", "tasks", "comments"].map(str::to_owned).into();
    let visible = |text: &str| text.replace("{visible}", VISIBLE);
    for leaking in [
        "select count(*) from tasks where organization_id = $1",
        "select (select count(*) from tasks t where t.organization_id = $1) as tasks
         from projects p where p.organization_id = $1 and {visible}",
        "select c.name, (select count(*) from projects p where p.client_id = c.id) as projects
         from clients c where c.organization_id = $1",
        "select t.id from tasks t join projects p on p.id = t.project_id where {visible}
         union all select t.id from tasks t where t.organization_id = $1",
        "select name from clients c where exists (select 1 from projects, clients d)",
    ] {
        assert!(!unguarded(&visible(leaking), &tables).is_empty(), "{leaking}");
    }
    for right in [
        "select t.id from tasks t join projects p on p.id = t.project_id where {visible}",
        "select p.id, (select count(*) from tasks t where t.project_id = p.id) as tasks
         from projects p where p.organization_id = $1 and (p.archived_at is null and {visible})",
        "select c.name as projects from clients c where c.organization_id = $1",
    ] {
        assert!(unguarded(&visible(right), &tables).is_empty(), "{right}");
    }
}
