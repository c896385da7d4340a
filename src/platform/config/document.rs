//! `docs/settings.md`, which is made of the settings' declarations.

use super::setting::{Kind, Setting};
use super::settings::ALL;

/// What stands before the table.
const HEAD: &str = "\
# Settings

Each setting is a variable and a flag: `TENANTRY_BASE_URL` is `--base-url`. `tenantry --help` lists them, and
`tenantry config` prints what is in force and where it comes from: a flag, the environment, a file of settings,
a file or systemd credential for a secret, or the default. A setting that is wrong is reported in one line that
names it, with exit code 1. [operating.md](operating.md) says when to use which.

Pass anything that contains a password in a variable, a file (`TENANTRY_DATABASE_URL_FILE`) or a systemd
credential: a flag can be read by everybody on the machine.

This page is made by `tenantry config --markdown`, and a test compares the two.

| variable | default | |
|---|---|---|
";

/// The document.
pub fn document() -> String {
    let rows: Vec<_> = ALL.iter().map(row).collect();
    format!("{HEAD}{}\n", rows.join("\n"))
}

fn row(setting: &Setting) -> String {
    let mut words = setting.sentence();
    if let Kind::Choice(_) = setting.kind {
        for (word, help) in setting.choices_with_help() {
            words.push_str(&format!(" `{word}`: {}.", help.trim_end_matches('.')));
        }
    }
    let default = match setting.default.value() {
        Some(value) => format!("`{value}`"),
        None => setting.default.words().to_owned(),
    };
    let cells = [format!("`{}`", setting.name), default, words];
    let cells = cells.map(|cell| if cell.is_empty() { String::new() } else { format!(" {cell}") });
    format!("|{} |{} |{} |", cells[0], cells[1], cells[2])
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_of_settings_is_what_the_code_says() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/settings.md");
        let page = std::fs::read_to_string(page).unwrap();
        assert!(
            page == super::document(),
            "docs/settings.md is out of date: tenantry config --markdown > docs/settings.md"
        );
    }
}
