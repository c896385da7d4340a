"""The state after the package is installed, started, upgraded, removed and purged."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

from person import Person

UNIT = "/lib/systemd/system/tenantry.service"
SETTINGS = Path("/etc/tenantry/tenantry.env")
DATA = Path("/var/lib/tenantry")

# On a scale to 10, where less is better; a service that listens on a network cannot do without some
# access.
MOST_EXPOSED = 1.5


def install():
    """Installs what the package would, except the program."""
    SETTINGS.parent.mkdir()
    shutil.copy("docs/deploy/tenantry.env", SETTINGS)
    shutil.copy("docs/deploy/tenantry.service", UNIT)
    subprocess.run(["sh", "docs/deploy/debian/postinst", "configure"], check=True)


def modes(*paths):
    return [f"{path.owner()}:{path.group()} {path.stat().st_mode & 0o7777:o}" for path in paths]


def check_unit():
    """Checks that systemd understands the unit, and that it allows the service no more than it needs."""
    verified = subprocess.run(["systemd-analyze", "verify", UNIT], capture_output=True, text=True)
    assert verified.returncode == 0 and "tenantry" not in verified.stderr, verified.stderr
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", UNIT], capture_output=True, text=True)
    exposure = float(judged.stdout.split("exposure level for")[1].split(":")[1].split()[0])
    assert exposure <= MOST_EXPOSED, judged.stdout


def check_installed():
    check_unit()
    assert modes(SETTINGS.parent, SETTINGS, DATA) == [
        "root:tenantry 750", "root:tenantry 640", "tenantry:tenantry 700",
    ], modes(SETTINGS.parent, SETTINGS, DATA)


def check_service():
    Person("http://127.0.0.1:3000").get("/healthz").expect(200)
    files = [path for path in (DATA / "data").iterdir()]
    assert {path.name for path in files} >= {"secret.key", "tenantry.db"}, files
    assert all(mode == "tenantry:tenantry 600" for mode in modes(*files)), modes(*files)
    assert modes(DATA) == ["tenantry:tenantry 700"]


def check_backups(folder):
    """Checks that the service, which may write to few folders, makes its first backup in this one by itself."""
    for _ in range(100):
        made = list(Path(folder).glob("*.backup"))
        if made:
            break
        time.sleep(0.1)
    assert modes(Path(folder), *made) == ["tenantry:tenantry 700", "tenantry:tenantry 600"], modes(Path(folder), *made)


def check_removed():
    assert not Path("/usr/bin/tenantry").exists()
    assert SETTINGS.exists() and "TENANTRY_BASE_URL" in SETTINGS.read_text()
    assert (DATA / "data/tenantry.db").exists()


def check_purged():
    subprocess.run(["systemctl", "stop", "tenantry"])
    purged = subprocess.run(["dpkg", "--purge", "tenantry"], capture_output=True, text=True)
    if purged.returncode or SETTINGS.exists() or not (DATA / "data/tenantry.db").exists():
        sys.exit(f"purging: {purged.stdout}{purged.stderr}")
