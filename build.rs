//! Records what is built: the version, the source it was built from, the target and the profile.

#![expect(clippy::disallowed_methods, reason = "this runs while the program is built, not in it")]

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=TENANTRY_BUILD");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let profile = variable("PROFILE");
    let mut parts = vec![variable("TARGET"), profile.clone()];
    if let Some(source) = source(&profile) {
        parts.insert(0, source);
    }
    let version = variable("CARGO_PKG_VERSION");
    // Not `TENANTRY_…`: Cargo also sets the variable for the programs it runs, where such a name
    // would count as a setting.
    println!("cargo::rustc-env=RELEASE={version} ({})", parts.join(", "));
}

/// The source that the packager names in `TENANTRY_BUILD`, or else the commit, if there is one.
/// Development builds do not record the commit, because every commit would then rebuild everything.
fn source(profile: &str) -> Option<String> {
    let said = env::var("TENANTRY_BUILD").ok().map(|said| said.trim().to_owned());
    if let Some(said) = said.filter(|said| !said.is_empty() && !said.contains(char::is_control)) {
        return Some(said);
    }
    // An archive that was unpacked inside another repository is none of that repository's commits.
    let here = env::var("CARGO_MANIFEST_DIR").ok()?;
    if profile != "release" || !Path::new(&here).join(".git").exists() {
        return None;
    }
    for file in [".git/HEAD", ".git/logs/HEAD"] {
        if Path::new(&here).join(file).exists() {
            println!("cargo::rerun-if-changed={file}");
        }
    }
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(&here).args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).filter(|commit| !commit.is_empty())?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changed.is_empty() {
        format!("commit {commit}")
    } else {
        format!("commit {commit}, changed")
    })
}
