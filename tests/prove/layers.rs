//! The layers, and how each is removed.

use std::collections::BTreeSet;

use tenantry::platform::prove;

use crate::support::TestApp;

/// A layer of isolation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// A membership, read for every request, is the only way into an organization.
    Membership,
    /// Every statement is confined by `$1`.
    Statements,
    /// Foreign keys include the organization.
    Keys,
    /// Row-level security, on PostgreSQL.
    Policies,
}

impl Layer {
    /// The layers that the engine has.
    pub fn all(is_postgres: bool) -> impl Iterator<Item = Self> {
        let all = [Self::Membership, Self::Statements, Self::Keys, Self::Policies];
        all.into_iter().filter(move |layer| is_postgres || *layer != Self::Policies)
    }

    /// Its name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Membership => "membership",
            Self::Statements => "statements",
            Self::Keys => "keys",
            Self::Policies => "policies",
        }
    }
}

/// The layers that are in place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Layers(pub BTreeSet<Layer>);

impl Layers {
    /// All combinations that the engine can have, those with the fewest missing layers first.
    pub fn combinations(is_postgres: bool) -> Vec<Self> {
        let all: Vec<Layer> = Layer::all(is_postgres).collect();
        let mut combinations: Vec<Self> = (0..1_u32 << all.len())
            .map(|away| {
                let stays = |place: &usize| away & (1 << place) == 0;
                Self((0..all.len()).filter(stays).map(|place| all[place]).collect())
            })
            .collect();
        combinations.sort_by_key(|layers| std::cmp::Reverse(layers.0.len()));
        combinations
    }

    /// The layers that are missing.
    pub fn missing(&self, is_postgres: bool) -> Vec<Layer> {
        Layer::all(is_postgres).filter(|layer| !self.0.contains(layer)).collect()
    }

    /// The combination without `layer`.
    pub fn without(&self, layer: Layer) -> Self {
        Self(self.0.iter().copied().filter(|other| *other != layer).collect())
    }
}

/// Removes all layers that are not in `standing`.
pub async fn leave(app: &TestApp, standing: &Layers) {
    let stands = |layer| standing.0.contains(&layer);
    prove::stand(stands(Layer::Membership), stands(Layer::Statements));
    if !stands(Layer::Keys) {
        drop_keys(app).await;
    }
    if !stands(Layer::Policies) && app.database.is_postgres() {
        let disable = "do $$ declare t regclass; begin
             for t in select oid from pg_class where relrowsecurity loop
                execute format('alter table %s disable row level security', t);
             end loop; end $$";
        app.database.execute(disable).await.unwrap();
    }
}

/// Drops all foreign keys that include the organization.
async fn drop_keys(app: &TestApp) {
    if app.database.is_postgres() {
        let drop = "do $$ declare k record; begin
             for k in select conname, conrelid::regclass as t from pg_constraint
                where contype = 'f' and array_length(conkey, 1) > 1 loop
                execute format('alter table %s drop constraint %I', k.t, k.conname);
             end loop; end $$";
        app.database.execute(drop).await.unwrap();
        return;
    }
    // SQLite cannot drop a constraint, so its text is removed from the schema; open connections
    // read the schema again because its version changes.
    let tables = "select name from sqlite_schema where type = 'table' and sql like '%foreign key%'";
    let mut edits = String::from("pragma writable_schema = on;");
    for table in app.database.texts(tables).await {
        let sql = format!("select sql from sqlite_schema where name = '{table}'");
        let sql = without_keys(&app.database.texts(&sql).await[0]).replace('\'', "''");
        edits.push_str(&format!("update sqlite_schema set sql = '{sql}' where name = '{table}';"));
    }
    let version =
        app.database.texts("select cast(schema_version as text) from pragma_schema_version").await;
    let version: i64 = version[0].parse().unwrap();
    edits.push_str(&format!(
        "pragma schema_version = {}; pragma writable_schema = off;",
        version + 1
    ));
    app.database.execute(&edits).await.unwrap();
    let left =
        "select count(*) from sqlite_schema where sql like '%foreign key (organization_id,%'";
    assert_eq!(app.database.number(left).await, 0, "every key is gone");
}

/// The definition of a table without its foreign keys over several columns.
fn without_keys(sql: &str) -> String {
    let mut text = sql.to_owned();
    while let Some(start) = text.find("foreign key (") {
        let comma = text[..start].rfind(',').expect("a key follows the columns");
        let references = start + text[start..].find("references").expect("a key refers");
        let mut end = references + text[references..].find(')').expect("to columns") + 1;
        let rest = &text[end..];
        let cascade = "on delete cascade";
        if rest.trim_start().starts_with(cascade) {
            end += rest.find(cascade).unwrap_or_default() + cascade.len();
        }
        text.replace_range(comma..end, "");
    }
    text
}
