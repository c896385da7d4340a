//! What each layer of isolation is worth. `bin/prove-isolation` runs it.
//!
//! The layers are removed one at a time and several at a time, and each time a fixed set of attacks
//! is tried, from outside, by the owner of one organization on another. The printed table names the
//! layers that refused each attack. It ends with an error when an attack has another result than
//! expected below, or when a layer can be removed without any attack succeeding: then it is not a
//! layer, or an attack is missing.

mod attacks;
mod layers;
mod table;

#[expect(
    dead_code,
    unused_imports,
    reason = "the same people and databases as the other tests, and less of them"
)]
#[path = "../it/support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use attacks::{ATTACKS, Stage};
use layers::{Layer, Layers};

/// The results of all attacks, by the layers in place.
pub type Outcomes = BTreeMap<Layers, Vec<bool>>;

fn main() {
    let check = match std::env::args().nth(1).as_deref() {
        Some("sqlite") => "sqlite",
        Some("postgres") => "postgres",
        _ => {
            eprintln!("prove: sqlite or postgres? bin/prove-isolation runs both");
            std::process::exit(2);
        }
    };
    let is_postgres = std::env::var_os("TENANTRY_TEST_DATABASE_URL").is_some();
    assert_eq!(is_postgres, check == "postgres", "the engine is chosen by bin/prove-isolation");
    // A foreign key that refuses causes a server error, which is expected here.
    let _quiet = tracing_subscriber::fmt().with_env_filter("off").try_init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let outcomes = runtime.block_on(outcomes(is_postgres));
    print!("{}", table::draw(&outcomes, is_postgres));
    let wrong = table::wrong(&outcomes, is_postgres);
    for words in &wrong {
        eprintln!("prove: {words}");
    }
    if !wrong.is_empty() {
        std::process::exit(1);
    }
}

/// Tries all attacks with all combinations of layers.
async fn outcomes(is_postgres: bool) -> Outcomes {
    let mut outcomes = Outcomes::new();
    for standing in Layers::combinations(is_postgres) {
        let stage = Stage::build().await;
        layers::leave(&stage.app, &standing).await;
        let mut reached = Vec::new();
        for attack in ATTACKS {
            let answer = (attack.tries)(&stage).await;
            reached.push(answer);
        }
        stage.leave().await;
        outcomes.insert(standing, reached);
    }
    let all: Vec<Layer> = Layer::all(is_postgres).collect();
    assert_eq!(outcomes.len(), 1 << all.len());
    outcomes
}
