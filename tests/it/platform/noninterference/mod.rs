//! What users see does not depend on what they may not see. Randomly drawn scenarios are played
//! twice, in two otherwise identical applications: alone, and next to somebody busy and hostile.
//! Every answer is the same, byte for byte, and takes the same number of statements.
//!
//! The twin test visits all pages once; this test looks at them in states that nobody thought of.
//! All scenarios of a test share an application, so each begins with what the previous ones have
//! left. `TENANTRY_TEST_SCENARIOS` sets how many are played, `TENANTRY_TEST_SEED` which ones.
//!
//! One fact is revealed on purpose: a project's code is unique in the organization, so users who
//! type the code of a project that they may not see are refused. Here the codes of such projects
//! never collide.

mod acts;
mod neighbours;
mod things;

use crate::support::chance::{Dice, Names, told};
use crate::support::world::House;
use crate::support::{Browser, TestApp};
use acts::Act;
use things::Things;

/// The number of scenarios that are played by default.
const SCENARIOS: u64 = 200;
/// The number of steps of a scenario.
const STEPS: usize = 6;

fn number(variable: &str, default: u64) -> u64 {
    let said = std::env::var(variable).ok();
    said.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable}: {text}")))
}

/// An application with Acme in it.
struct Stage {
    app: TestApp,
    house: House,
    /// A member of Acme who works on restricted projects, in one of the two applications.
    insider: Browser,
    things: Things,
    names: Names,
}

impl Stage {
    async fn build() -> Self {
        let app = TestApp::spawn().await;
        let house = House::build(&app, "Acme", "acme").await;
        let insider = app.member(&house.owner, "acme", "Ina Insider", "member").await;
        let things = Things::of(&house);
        Self { app, house, insider, things, names: Names::default() }
    }

    /// Plays a step. Returns the normalized answer and the number of its statements.
    async fn play(&mut self, who: &str, act: &Act) -> (String, u64) {
        let (_, browser) =
            self.house.people().into_iter().find(|(key, _)| *key == who).expect("somebody");
        let path = self.things.path(&act.path);
        let fields: Vec<(&str, String)> =
            act.fields.iter().map(|(name, value)| (*name, self.things.path(value))).collect();
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let token = browser.token().await;
        let request = browser.request(act.method(), &path);
        let request = match act.is_htmx {
            true => request.header("hx-request", "true").header("hx-request-type", "partial"),
            false => request,
        };
        let request = match act.fields.is_empty() && act.method() == "GET" {
            true => request,
            false => request.form(&[&fields[..], &[("csrf", &token)]].concat()),
        };
        let (statements, answer) = self.app.statements(browser.send(request)).await;
        self.things.note(&path, act, &answer);
        let told = format!("{path}\n{}", told(&answer));
        (self.names.without_chance(&told, &browser.origin), statements)
    }
}

/// Plays scenarios of `people` in both applications; `disturb` acts as the neighbour in the second.
async fn compare<'w>(
    people: &[&str],
    alone: &mut Stage,
    beside: &mut Stage,
    mut disturb: impl AsyncFnMut(&mut Dice, &Stage),
) {
    let (count, seed) =
        (number("TENANTRY_TEST_SCENARIOS", SCENARIOS), number("TENANTRY_TEST_SEED", 1));
    let mut compared = 0;
    for scenario in seed..seed + count {
        let mut dice = Dice::of(scenario);
        let mut luck = Dice::of(scenario ^ 0xDEAD_BEEF);
        for step in 0..STEPS {
            let who = dice.pick(people);
            let act = acts::draw(&mut dice, scenario, &alone.things);
            disturb(&mut luck, beside).await;
            let (one, cost) = alone.play(who, &act).await;
            let (other, other_cost) = beside.play(who, &act).await;
            let what = format!("scenario {scenario}, step {step}, {who}: {act:?}");
            assert!(one == other, "{what}\n{}", difference(&one, &other));
            assert_eq!(cost, other_cost, "statements of {what}");
            compared += 1;
        }
    }
    println!("{compared} answers of {count} scenarios are the same alone and beside a neighbour");
    for stage in [alone, beside] {
        stage.app.work().await;
    }
}

/// Returns the first lines that differ.
fn difference(one: &str, other: &str) -> String {
    let pairs = one.lines().zip(other.lines()).filter(|(one, other)| one != other).take(5);
    let lines: Vec<String> =
        pairs.map(|(one, other)| format!("alone:  {one}\nbeside: {other}")).collect();
    format!("{}\n({} and {} lines)", lines.join("\n"), one.lines().count(), other.lines().count())
}

#[tokio::test]
async fn a_busy_organization_changes_nothing_that_another_one_sees() {
    let (mut alone, mut beside) = (Stage::build().await, Stage::build().await);
    let mut mallory = neighbours::Organization::found(&beside).await;
    let people = ["owner", "admin", "member", "viewer"];
    compare(&people, &mut alone, &mut beside, async |dice, stage| mallory.act(dice, stage).await)
        .await;
    assert!(mallory.refused > 50 && mallory.done > 50, "{} {}", mallory.refused, mallory.done);
}

#[tokio::test]
async fn a_busy_restricted_project_changes_nothing_that_others_see() {
    let (mut alone, mut beside) = (Stage::build().await, Stage::build().await);
    let mut hidden = neighbours::HiddenProject::start(&beside).await;
    let people = ["member", "viewer"];
    compare(&people, &mut alone, &mut beside, async |dice, stage| hidden.act(dice, stage).await)
        .await;
    assert!(hidden.done > 50, "{}", hidden.done);
}
