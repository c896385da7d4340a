//! The table of results, and what is wrong with them.

use super::Outcomes;
use crate::attacks::{ATTACKS, Attack};
use crate::layers::{Layer, Layers};

/// The attacks that only the membership check refuses while all other layers are in place. A
/// request in the name of the organization passes them all.
const ONLY_MEMBERSHIP: &[&str] = &["read at its address"];
/// On SQLite, which has no policies, the attacks that only the condition in statements refuses.
const ONLY_STATEMENTS: &[&str] =
    &["read a row by its id", "list rows", "count rows", "change a row", "remove a row"];

/// The results as Markdown: a row for each combination, a column for each attack.
pub fn draw(outcomes: &Outcomes, is_postgres: bool) -> String {
    let heads: Vec<&str> = ATTACKS.iter().map(|attack| attack.name).collect();
    let mut table = format!("| taken away | {} |\n", heads.join(" | "));
    table.push_str(&format!("|---|{}\n", "---|".repeat(heads.len())));
    for standing in Layers::combinations(is_postgres) {
        let missing: Vec<&str> = standing.missing(is_postgres).iter().map(|l| l.name()).collect();
        let missing = match missing[..] {
            [] => "nothing".to_owned(),
            _ => missing.join(", "),
        };
        let cells: Vec<String> =
            (0..ATTACKS.len()).map(|attack| cell(outcomes, &standing, attack)).collect();
        table.push_str(&format!("| {missing} | {} |\n", cells.join(" | ")));
    }
    table
}

/// The layers that refused the attack: those in place that refuse it even alone.
fn cell(outcomes: &Outcomes, standing: &Layers, attack: usize) -> String {
    if outcomes[standing][attack] {
        return "**REACHED**".to_owned();
    }
    let alone = |layer: &&Layer| !outcomes[&Layers([**layer].into())][attack];
    let names: Vec<&str> = standing.0.iter().filter(alone).map(|layer| layer.name()).collect();
    match names[..] {
        [] => "together".to_owned(),
        _ => names.join(", "),
    }
}

/// The results that differ from what is expected.
pub fn wrong(outcomes: &Outcomes, is_postgres: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let all = Layers(Layer::all(is_postgres).collect());
    let none = Layers([].into());
    for (attack, Attack { name, .. }) in ATTACKS.iter().enumerate() {
        if outcomes[&all][attack] {
            wrong.push(format!("with every layer in its place: {name}"));
        }
        if !outcomes[&none][attack] {
            wrong.push(format!("without any layer it is still refused: {name} is no attack"));
        }
        for layer in Layer::all(is_postgres) {
            let is_expected = match layer {
                Layer::Membership => ONLY_MEMBERSHIP.contains(name),
                Layer::Statements => !is_postgres && ONLY_STATEMENTS.contains(name),
                Layer::Keys | Layer::Policies => false,
            };
            if outcomes[&all.without(layer)][attack] != is_expected {
                wrong.push(format!("without {}: {name} goes otherwise", layer.name()));
            }
        }
        for (standing, reached) in outcomes {
            for layer in &standing.0 {
                if reached[attack] && !outcomes[&standing.without(*layer)][attack] {
                    wrong.push(format!("{name} is refused where less stands than {standing:?}"));
                }
            }
        }
    }
    for layer in Layer::all(is_postgres) {
        let turns = |(standing, reached): (&Layers, &Vec<bool>)| {
            standing.0.contains(&layer) && outcomes[&standing.without(layer)] != *reached
        };
        if !outcomes.iter().any(turns) {
            let name = layer.name();
            wrong.push(format!("nothing turns red without {name}: an attack is missing"));
        }
    }
    wrong
}
