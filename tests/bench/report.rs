//! Prints the figures: medians of the rounds, and the targets.

use std::time::Duration;

use crate::load::Round;
use crate::stage::Engine;

pub fn title(engine: Engine) {
    let name = match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    println!("\n{name}");
}

/// A line for each program, and their ratio: the median of the rounds' ratios, because consecutive
/// rounds run under the same conditions.
pub fn page(name: &str, pairs: &[(Round, Round)]) {
    println!("\n{name:26} requests/s     p50 ms     p95 ms  processor µs");
    line("  tenantry", &pairs.iter().map(|(ours, _)| ours).collect::<Vec<_>>());
    line("  bare", &pairs.iter().map(|(_, bare)| bare).collect::<Vec<_>>());
    let speed = median(pairs.iter().map(|(ours, bare)| ours.per_second / bare.per_second));
    let work =
        median(pairs.iter().map(|(ours, bare)| ours.processor.div_duration_f64(bare.processor)));
    println!("{:26} {speed:10.2} {work:35.2}", "  ratio");
    println!("{:26} {:>10} {:>35}", "  aim", ">= 0.60", "<= 3.00");
}

fn line(name: &str, rounds: &[&Round]) {
    let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(|round| figure(round)));
    println!(
        "{name:26} {:10.0} {:10.2} {:10.2} {:13.0}",
        of(|round| round.per_second),
        of(|round| milliseconds(round.p50)),
        of(|round| milliseconds(round.p95)),
        of(|round| milliseconds(round.processor) * 1000.0),
    );
}

/// A page's p50 in each database, and the effect of more organizations and of row-level security.
pub fn scale(name: &str, figures: &[(&str, f64)]) {
    println!("\n{name:26}     p50 ms");
    for (name, p50) in figures {
        println!("  {name:24} {p50:10.2}");
    }
    if let [(_, small), (_, large), rest @ ..] = figures {
        println!("{:26} {:10.2}  (aim: <= 1.30)", "  many over few", large / small);
        if let [(_, without)] = rest {
            println!("{:26} {:10.2}  (aim: <= 1.10)", "  with over without", large / without);
        }
    }
}

/// A page's p50 without anything to compare it with.
pub fn alone(name: &str, p50: f64) {
    println!("\n{name:26} {p50:10.2}");
}

/// Times in seconds, memory in megabytes.
pub fn start_and_memory(starts: Vec<f64>, idle: f64, signed_in: f64, loaded: f64) {
    println!("\nStart to first answer      {:10.3} s   (aim: under 1)", median(starts));
    println!("Memory, idle               {idle:10.0} MB  (aim: under 40)");
    println!("Memory after a sign-in     {signed_in:10.0} MB");
    println!("Memory after the load      {loaded:10.0} MB");
}

/// Pages that succeed should log nothing.
pub fn log(lines: usize) {
    println!("Lines logged               {lines:10}     (aim: none)");
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

pub fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
