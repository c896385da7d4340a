//! A project that somebody cannot see does not exist for them: every statement that reads a table
//! related to projects contains the condition that the viewer can see the project, or says why it
//! need not.

use std::collections::BTreeSet;
use std::path::Path;

use tenantry::core::access::{IN_PROJECT, SEES, VISIBLE};
use tenantry::platform::db::statement::{self, Registered};

use crate::support::TestDatabase;

/// The platform's macros that give their statements a reason. Where the table belongs to no
/// project, they need none.
const MACROS: &[&str] =
    &["noun!", "record!", "links!", "life!", "purged!", "keyed!", "searchable!"];

/// The macro of the platform that a statement comes out of: its place in the source is where that
/// macro is used. A statement that was written by hand is in the line of its own `sql!`.
fn macro_of(statement: &Registered) -> Option<&'static str> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(statement.file);
    let text = std::fs::read_to_string(file).unwrap();
    let line = text.lines().nth(statement.line as usize - 1).unwrap();
    MACROS.iter().copied().find(|name| line.contains(name))
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

fn lines(statements: &BTreeSet<String>) -> String {
    statements.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn every_statement_about_what_belongs_to_a_project_says_who_may_see_it() {
    let database = TestDatabase::create().await;
    let tables = tables_with_a_way_to_a_project(&database).await;
    database.remove().await;
    assert!(tables.contains("comment_mentions") && tables.contains("audit_details"), "{tables:?}");
    let mut leaking = BTreeSet::new();
    let mut unneeded = BTreeSet::new();
    let mut needed_by = BTreeSet::new();
    let (mut guarded, mut excepted) = (0, 0);
    for statement in statement::all() {
        let Registered { file, line, unfiltered, .. } = statement;
        let mut is_needed = false;
        for text in BTreeSet::from([statement.sqlite, statement.postgres]) {
            let open = unguarded(text, &tables);
            if open.is_empty() {
                guarded += usize::from(normal(text).contains(&normal(VISIBLE)));
                continue;
            }
            is_needed = true;
            if unfiltered.is_none() {
                leaking.insert(format!("{file}:{line} {open:?}: {}", normal(text)));
            }
        }
        let Some(reason) = unfiltered else { continue };
        let declared = macro_of(statement);
        if is_needed {
            excepted += 1;
            needed_by.extend(declared);
        } else if declared.is_none() {
            unneeded.insert(format!("{file}:{line}: {reason}"));
        }
    }
    assert!(
        leaking.is_empty(),
        "{} statements read what belongs to a project, and do not hold visible!. Add it; or, if \
         another rule guards a statement, say which: sql!(unfiltered because REASON, \"…\"), where \
         REASON is a text, or a constant such as IN_PROJECT. A row of a project is declared `in` \
         it, and not `edited by` somebody:\n{}",
        leaking.len(),
        lines(&leaking)
    );
    assert!(
        unneeded.is_empty(),
        "{} statements hold visible!, or read nothing that belongs to a project: remove \
         `unfiltered because`:\n{}",
        unneeded.len(),
        lines(&unneeded)
    );
    for name in MACROS {
        assert!(needed_by.contains(name), "no statement of {name} needs a reason");
    }
    println!("{guarded} statements hold visible!, {excepted} need not");
    assert!(guarded >= 20, "{guarded} statements");
}

/// Whether a statement names the project of its rows in a parameter.
fn names_a_project(text: &str) -> bool {
    let text = normal(text);
    ["project_id = $", "p.id = $"].iter().any(|part| text.contains(part))
        || text.starts_with("insert into") && text.contains("project_id,")
}

#[test]
fn a_statement_that_says_it_names_one_project_does() {
    let says = |statement: &&Registered| statement.unfiltered == Some(IN_PROJECT);
    let all: Vec<_> = statement::all().filter(says).collect();
    assert!(all.len() >= 10, "{} statements", all.len());
    let wrong: BTreeSet<_> = all
        .iter()
        .filter(|one| ![one.sqlite, one.postgres].into_iter().all(names_a_project))
        .map(|one| format!("{}:{}: {}", one.file, one.line, normal(one.sqlite)))
        .collect();
    assert!(wrong.is_empty(), "they read rows of all projects:\n{}", lines(&wrong));
    assert!(!names_a_project("select id from tasks where organization_id = $1"));
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
