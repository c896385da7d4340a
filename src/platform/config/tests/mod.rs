//! Tests of the settings.

mod checks;
mod sources;

use std::ffi::OsString;

use clap::Parser;

use super::{Config, Flags, Values};

#[derive(Parser)]
struct Sample {
    #[command(flatten)]
    settings: Flags,
}

fn flags(flags: &[&str]) -> Flags {
    Sample::try_parse_from(["tenantry"].iter().chain(flags)).unwrap().settings
}

fn values(flags_of: &[&str], variables: &[(&str, &str)]) -> Values {
    let variables = variables.iter().map(|(name, value)| (OsString::from(name), value.into()));
    Values::gather_from(flags(flags_of), variables)
}

fn check(flags_of: &[&str]) -> Result<Config, String> {
    values(flags_of, &[]).check().map_err(|error| error.to_string())
}
