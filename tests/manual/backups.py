"""What the chapter on backups assumes: a lost service, and an empty server."""

import shutil
import subprocess
from pathlib import Path

import lifecycle

OWNER = "postgres://tenantry_owner:OWNER@127.0.0.1/tenantry"
SQLITE = "sqlite:data/tenantry.db"
FOLDER = Path("/srv/backups")
DATA = lifecycle.DATA / "data"
ROLES = ["tenantry_app", "tenantry_lookup", "tenantry_owner"]


def before(block):
    """Prepares for a block; returns variables for this block alone, if it needs any."""
    first, text = block.first, block.text
    if "tenantry backup /srv" in text:
        return {"TENANTRY_DATABASE_URL": OWNER}
    if first.startswith("install -d") and "secret.key" in text:
        stop()
        # Keep the files that were stored elsewhere, and remove everything else from the machine.
        for file in (DATA / "secret.key", FOLDER / "today.backup"):
            shutil.copyfile(file, Path("/root") / file.name)
        shutil.rmtree(DATA)
        shutil.rmtree(FOLDER)
    if first.startswith("tenantry restore /srv"):
        stop()
        return {"TENANTRY_DATABASE_URL": SQLITE}
    if "tenantry restore /srv" in text:
        stop()
        empty_database()
    if "tenantry move-database" in text:
        stop()
        empty_database()
        return {"TENANTRY_DATABASE_URL": SQLITE}
    if "pg_restore" in text:
        stop()
        psql("drop database tenantry with (force)")
        for role in ROLES:
            psql(f"drop role {role}")
    return None


def stop():
    subprocess.run(["tenantry", "--stop"], check=True)
    subprocess.run(["systemctl", "stop", "tenantry"], check=True)


def empty_database():
    psql("drop database tenantry with (force)")
    psql("create database tenantry owner tenantry_owner")


def psql(statement):
    subprocess.run(["psql", "-d", "postgres", "-c", statement], check=True, capture_output=True)
