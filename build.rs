//! Records what is built: the version, the source it was built from, the target and the profile.
//! Compresses the static files.

#![expect(clippy::disallowed_methods, reason = "this runs while the program is built, not in it")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

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
    println!("cargo::rerun-if-changed=static");
    compress_static_files(Path::new(&variable("OUT_DIR")));
}

/// Writes each static file that gets shorter by it to `folder`, in gzip and in Brotli, and a Rust
/// expression with all of them to `compressed.rs`.
fn compress_static_files(folder: &Path) {
    let mut files = Vec::new();
    collect(Path::new("static"), &mut files);
    files.sort();
    let mut list = String::from("&[");
    for (number, path) in files.iter().enumerate() {
        let content = fs::read(path).expect("a static file can be read");
        let [gzip, brotli] = [gzip(&content), brotli(&content)];
        // Pictures and fonts are compressed already.
        if gzip.len().max(brotli.len()) * 10 < content.len() * 9 {
            let embedded = [("gz", gzip), ("br", brotli)].map(|(ending, content)| {
                let path = folder.join(format!("{number}.{ending}"));
                fs::write(&path, content).expect("the folder for what is built takes a file");
                format!("include_bytes!({path:?})")
            });
            let name = path.strip_prefix("static").unwrap_or(path);
            list.push_str(&format!("({name:?}, {}, {}),", embedded[0], embedded[1]));
        }
    }
    list.push(']');
    fs::write(folder.join("compressed.rs"), list).expect("the folder for what is built takes it");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(content).expect("memory takes it");
    writer.finish().expect("memory takes it")
}

fn brotli(content: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let best = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &best).expect("memory takes it");
    compressed
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
