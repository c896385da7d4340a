//! The fields whose change everybody may read, in the words of people.

/// A field of a noun's details whose change the activity tells. A feature submits it to `inventory`.
pub struct ToldField {
    /// The kind of thing that has it: `task`.
    pub kind: &'static str,
    /// Its name in the details: `due_on`.
    pub field: &'static str,
    /// Its name for people: `Due`.
    pub name: &'static str,
    /// What people call a value, which is stored as this text; `None` for what it does not know.
    pub label: fn(&str) -> Option<String>,
}

inventory::collect!(ToldField);

/// The fields of `kind` that are told.
pub fn told(kind: &str) -> impl Iterator<Item = &'static ToldField> {
    inventory::iter::<ToldField>.into_iter().filter(move |field| field.kind == kind)
}
