//! Fields whose changes everybody may read, with their names for people.

/// A field of a record whose changes the activity shows. A feature submits it to `inventory`.
pub struct ToldField {
    /// The kind of record: `task`.
    pub kind: &'static str,
    /// Its name in the entry's details: `due_on`.
    pub field: &'static str,
    /// Its name for people: `Due`.
    pub name: &'static str,
    /// The label of a stored value; `None` for unknown values.
    pub label: fn(&str) -> Option<String>,
}

inventory::collect!(ToldField);

/// The fields of `kind` whose changes are shown.
pub fn told(kind: &str) -> impl Iterator<Item = &'static ToldField> {
    inventory::iter::<ToldField>.into_iter().filter(move |field| field.kind == kind)
}
