"""Makes the Debian package that Cargo.toml describes, quickly and without cargo-deb: the same files, and the
same scripts except for what cargo-deb adds for a running systemd.

Usage: package.py PROGRAM VERSION FOLDER
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

program, version, folder = sys.argv[1:]
described = tomllib.loads(Path("Cargo.toml").read_text())["package"]["metadata"]["deb"]

with tempfile.TemporaryDirectory() as root:
    root = Path(root)
    root.chmod(0o755)
    assets = [*described["assets"], ["docs/deploy/tenantry.service", "usr/lib/systemd/system/", "644"]]
    for source, target, mode in assets:
        for file in [program] if source.startswith("target/") else glob.glob(source):
            assert target.endswith("/"), target
            (root / target).mkdir(parents=True, exist_ok=True)
            name = "tenantry" if file == program else Path(file).name
            copy = root / target / name
            shutil.copy(file, copy)
            copy.chmod(int(mode, 8))
    control = root / "DEBIAN"
    control.mkdir()
    fields = {
        "Package": described["name"],
        "Version": version,
        "Architecture": subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True).stdout.strip(),
        "Maintainer": described["maintainer"],
        "Depends": described["depends"].replace("$auto", "libc6"),
        "Description": "Tenantry",
    }
    (control / "control").write_text("".join(f"{name}: {value}\n" for name, value in fields.items()))
    (control / "conffiles").write_text("".join(f"{file}\n" for file in described["conf-files"]))
    for script in Path(described["maintainer-scripts"]).iterdir():
        (control / script.name).write_text(script.read_text().replace("#DEBHELPER#", ""))
        (control / script.name).chmod(0o755)
    os.makedirs(folder, exist_ok=True)
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(root),
         f"{folder}/{described['name']}_{version}_amd64.deb"], check=True, stdout=subprocess.DEVNULL)
